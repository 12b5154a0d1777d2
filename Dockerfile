# docker build -t sfvisuals .
# docker run -p 8050:8050 -v DIR:/experiments:ro sfvisuals
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    XDG_CACHE_HOME=/cache \
    NUMBA_CACHE_DIR=/cache/numba

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin sfvisuals \
    && mkdir -p /cache /experiments /images \
    && chown sfvisuals:sfvisuals /cache

WORKDIR /src
COPY . .
RUN pip install -c constraints.txt . && rm -rf /src/*

USER sfvisuals
WORKDIR /home/sfvisuals
# Projections and thumbnails; mount a named volume to keep them.
VOLUME /cache
EXPOSE 8050
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8050/health', timeout=4)"]
# All interfaces inside the container only: what is reachable from outside is what -p publishes.
ENTRYPOINT ["sfvisuals"]
CMD ["serve", "/experiments", "--data-root", "/images", "--data-root", "/experiments", "--host", "0.0.0.0", "--port", "8050", "--no-browser"]
