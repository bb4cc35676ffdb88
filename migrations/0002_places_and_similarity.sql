-- Both extensions are trusted: the owner of a database may install them, on Aurora as well.
CREATE EXTENSION IF NOT EXISTS cube;
--> statement-breakpoint
CREATE EXTENSION IF NOT EXISTS pg_trgm;
--> statement-breakpoint
-- Rounded to 0.1 mm: the product of a cosine and a degree of 1e-323 is an error of underflow.
CREATE FUNCTION rounded_radians(degrees double precision) RETURNS double precision
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN radians(round(degrees::numeric, 9)::double precision);
--> statement-breakpoint
-- A point on a sphere of radius 1: the straight distance of two such points has the order of the way between them, at the poles and across
-- the date line as well.
CREATE FUNCTION place_on_sphere(latitude double precision, longitude double precision) RETURNS cube
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN cube(ARRAY[
    cos(rounded_radians(latitude)) * cos(rounded_radians(longitude)),
    cos(rounded_radians(latitude)) * sin(rounded_radians(longitude)),
    sin(rounded_radians(latitude))
  ]);
--> statement-breakpoint
CREATE INDEX tasks_place_idx ON tasks USING gist (place_on_sphere(latitude, longitude)) WHERE hidden_at IS NULL;
--> statement-breakpoint
-- What a mistyped search is compared with: short texts, since a long description contains something similar to every word.
CREATE FUNCTION task_names(title text, location text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN lower(regexp_replace(normalize(title || ' ' || coalesce(location, ''), NFD), '[\u0300-\u036f]', '', 'g'));
--> statement-breakpoint
CREATE INDEX tasks_names_idx ON tasks USING gin (task_names(title, location) gin_trgm_ops);
