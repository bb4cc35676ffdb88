ALTER TABLE "evidence" VALIDATE CONSTRAINT "evidence_upload_fk";
