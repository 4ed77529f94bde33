#!/bin/sh
# Writes .env beside docker-compose.yml with a random secret for everything that needs one. Never overwrites: the secrets of an existing
# installation open its volumes.
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo '.env exists and was left as it is. Remove it only together with the volumes it belongs to.' >&2
  exit 1
fi
random() { head -c "$1" /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
umask 077
cat >.env <<EOF
# Secrets of this installation, made by deploy/write-env.sh. Keep a copy: without them the volumes cannot be opened.
HTTP_PASSWORD=$(random 16)
POSTGRES_PASSWORD=$(random 24)
DATABASE_ROLE_PASSWORD=$(random 24)
INFLUX_PASSWORD=$(random 24)
INFLUX_TOKEN=$(random 32)
GRAFANA_PASSWORD=$(random 16)
SECRETS_KEY=$(random 32)
DEMO_CLIENT_SECRET=$(random 16)
KAFKA_CLUSTER_ID=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')

# Your ring: the client of your application at Oura.
OURA_CLIENT_ID=
OURA_CLIENT_SECRET=
# Where Oura reaches ingest (port 8001), for webhooks. Without it documents are polled.
PUBLIC_URL=
EOF
echo 'Wrote .env. Sign in to the page with any name and the HTTP_PASSWORD in it, to Grafana as oura with the GRAFANA_PASSWORD.'
