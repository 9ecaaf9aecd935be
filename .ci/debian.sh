# Functions that fetch and unpack packages of Debian, without root, for scripts that read this file. Nothing is installed.

need() {
    command -v "$1" >&2 || { echo "it takes $1" >&2; return 1; }
}

# Debian's own mirror among the sources of this machine, and not the one for security updates.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/*$' ||
        { echo "apt has no mirror of Debian here" >&2; return 1; }
}

# apt with a state of its own in the folder $state. It is for another processor if $processor says so.
apt() {
    apt-get -qq -o "Dir::State=$state" -o "Dir::State::status=$state/status" -o "Dir::Cache=$state" \
        -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
        -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Debug::NoLocking=true \
        ${processor:+-o "APT::Architecture=$processor" -o "APT::Architectures::=$processor"} "$@"
}

# Makes that state for a suite, such as sid.
prepare_apt() {
    local source keys=/usr/share/keyrings/debian-archive-keyring.gpg
    source=$(mirror)
    mkdir -p "$state/lists/partial" "$state/archives/partial"
    echo "deb [signed-by=$keys check-valid-until=no] $source $1 main" >"$state/sources.list"
    : >"$state/status"
    apt update
}

# Unpacks the packages in a folder into another, and removes them.
unpack() {
    local package
    for package in "$1"/*.deb; do
        dpkg-deb --extract "$package" "$2"
        rm "$package"
    done
}
