# kload in an image without a shell, run by a user who is not root. In a checkout:
#   npm ci && npm pack && docker build -t kload .
FROM node:22-bookworm-slim AS installed
WORKDIR /app
COPY kload-*.tgz /tmp/kload.tgz
RUN npm install --omit=dev --no-audit --no-fund --no-save /tmp/kload.tgz

FROM gcr.io/distroless/nodejs22-debian12:nonroot
COPY --from=installed /app /app
WORKDIR /tmp
ENTRYPOINT ["/nodejs/bin/node", "/app/node_modules/kload/bin/kload.js"]
