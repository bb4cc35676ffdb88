ALTER TABLE "contributions" ADD CONSTRAINT "contributions_metadata_rule" CHECK (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 1048576);
