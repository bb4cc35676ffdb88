# Images of the API, the worker, the command line `gotong` and the Markov double, for amd64 and arm64:
#   docker build --target api -t gotong-royong/api .
# The images contain only what scripts/build-image.ts bundles. The Node version is that of .nvmrc.

FROM node:24.21.0-bookworm-slim AS node
# One malloc arena for all threads: glibc keeps the memory that a thread frees in the arena of that thread. A password hash takes 19 MB on one of four
# threads: after six hashes a server used 396 MB instead of 291 MB.
#
# At most 16 MB for each half of V8's young generation, which otherwise grows to 128 MB under load and does not shrink: an API used 190 MB instead of
# 250 MB, with the same CPU time (docs/performance.md).
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 NODE_OPTIONS=--max-semi-space-size=16
WORKDIR /app
# CMD names the program, which runs as process 1. So it receives SIGTERM, and finishes running work before it exits.
ENTRYPOINT ["node"]
STOPSIGNAL SIGTERM

# The build runs on the target's architecture, since sharp installs the native library of the architecture on which npm runs.
FROM node AS build
COPY package.json package-lock.json .npmrc ./
COPY packages/api/package.json packages/api/
COPY packages/client/package.json packages/client/
COPY packages/core/package.json packages/core/
COPY packages/local/package.json packages/local/
COPY packages/ops/package.json packages/ops/
COPY packages/web/package.json packages/web/
COPY packages/workers/package.json packages/workers/
# Skips the packages' install scripts, which bundling does not need.
RUN --mount=type=cache,target=/root/.npm npm ci --include=dev --ignore-scripts --no-audit --no-fund
COPY . .
RUN node scripts/build-image.ts api /out/api \
  && node node_modules/vite/bin/vite.js build packages/web --outDir /out/api/app --logLevel warn \
  && node scripts/build-image.ts worker /out/worker \
  && node scripts/build-image.ts gotong /out/gotong \
  && node scripts/build-image.ts markov-double /out/markov-double \
  && mkdir /state && chown 1000:1000 /state

FROM node AS api
COPY --from=build /out/api ./
USER 1000:1000
ENV HOST=0.0.0.0 PORT=3000 APP_DIR=/app/app
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["packages/api/dist/server.js"]

FROM node AS worker
COPY --from=build /out/worker ./
# The directory for mail if no sender is configured (MAIL_DIR).
COPY --from=build --chown=1000:1000 /state /var/lib/gotong
USER 1000:1000
ENV HOST=0.0.0.0 WORKERS_PORT=9464
EXPOSE 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["packages/workers/dist/pod.js"]

# Runs one command and exits: `docker compose run --rm migrate users grant <email> admin`.
FROM node AS gotong
COPY --from=build /out/gotong ./
USER 1000:1000
HEALTHCHECK NONE
ENTRYPOINT ["node", "packages/ops/dist/main.js"]
CMD ["--help"]

# A double of the reputation engine, for development only.
FROM node AS markov-double
COPY --from=build /out/markov-double ./
COPY --from=build --chown=1000:1000 /state /var/lib/gotong
USER 1000:1000
ENV HOST=0.0.0.0 PORT=3001 LOCAL_DIR=/var/lib/gotong
EXPOSE 3001
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3001/__double/stats').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["packages/local/dist/main.js"]
