package io.aquifer.cli;

/// The release this is, from the jar's manifest.
final class Version {
    /// Such as `0.1.0-SNAPSHOT`; `development` when the classes do not come from a jar.
    static final String TEXT = text();

    private Version() {}

    private static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
