# The service in a container: Node.js, the application and its stores, and nothing else: no shell, no npm, no compiler.
# Multi-platform: docker buildx build --platform linux/amd64,linux/arm64 .
# Stages: `service` is what you want, and what a build without --target gives; `demo` is Paddle to play with.

FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Optional: the embedded PostgreSQL and the Node.js that npm installs for machines without one. A container has a
# queue beside it and brings its own Node.js. No package runs a script while it is installed.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && find node_modules -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -name '*.md' -o -name '*.markdown' -o -name '*.bare' \) -delete \
 && find node_modules -depth -type d -empty -delete
# What the runtime image lacks: Node.js itself, without its symbols, and the one library that it needs beside glibc.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends binutils \
 && mkdir -p /runtime/usr/bin /runtime/usr/lib \
 && strip -o /runtime/usr/bin/node "$(command -v node)" \
 && cp -a /usr/lib/*/libatomic.so.1* /runtime/usr/lib/
COPY src ./src
COPY docker/healthcheck.mjs docker/put-key.mjs docker/warm-up.mjs ./docker/
# The two folders that belong to the user of the service: what is compiled already, and a place for env files.
RUN mkdir -p .cache /owned/srv/keys && chmod 700 /owned/srv/keys && chown 65532:65532 .cache
USER 65532:65532
RUN NODE_COMPILE_CACHE=/app/.cache /runtime/usr/bin/node --disable-sigusr1 --report-exclude-env --max-semi-space-size=16 --expose-gc docker/warm-up.mjs

FROM gcr.io/distroless/cc-debian12:nonroot AS service
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="paddle-key-rotator" \
      org.opencontainers.image.description="Rotates Paddle API keys when Paddle's webhooks say they must be, without downtime." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /runtime/ /
COPY --from=build --chown=65532:65532 /owned/srv/keys /srv/keys
COPY --from=build /app /app
WORKDIR /app
# Inside, the admin listener must be reachable from outside the container; without credentials it refuses to start.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.cache \
    CONFIG_FILE=/etc/rotator/rotator.yaml \
    ADMIN_HOST=0.0.0.0
USER 65532:65532
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=15s CMD ["/usr/bin/node", "/app/docker/healthcheck.mjs"]
# No debugger by signal, no report with the environment in it; bounded room for the young, and leave to tidy up once.
ENTRYPOINT ["/usr/bin/node", "--disable-sigusr1", "--report-exclude-env", "--max-semi-space-size=16", "--expose-gc"]
CMD ["/app/src/main.ts"]

# Paddle, simulated, and an application that calls it with the key in its .env file.
FROM node:26-bookworm-slim AS demo-build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=optional --ignore-scripts --no-audit --no-fund

FROM service AS demo
COPY --from=demo-build /app/node_modules/dotenv /app/node_modules/dotenv
COPY test/support/paddle-simulator /app/test/support/paddle-simulator
COPY demo/app.ts /app/demo/app.ts
COPY docker/demo /app/docker/demo
HEALTHCHECK NONE
CMD ["/app/docker/demo/simulator.ts"]

FROM service
