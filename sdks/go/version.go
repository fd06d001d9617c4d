package millrace

// version is this package's, as HELLO tells it.
const version = "0.1.0"
