package io.aquifer.memory.space;

import java.util.Locale;

/// What a [MappedSpace] asks of the kernel, by `-Daquifer.memory.huge-pages`.
enum HugePages {
    /// Huge pages where [PageSpace#preferHuge] says so, small ones elsewhere, so that the kernel
    /// does not fill up again what was given back.
    EXTENTS,
    NEVER,
    ALWAYS,
    /// Whatever the kernel does by itself.
    SYSTEM;

    static final String PROPERTY = "aquifer.memory.huge-pages";

    /// @throws AddressSpaceException if the property has another value
    static HugePages configured() throws AddressSpaceException {
        String text = System.getProperty(PROPERTY, "extents");
        for (HugePages policy : values()) {
            if (policy.toString().equals(text)) {
                return policy;
            }
        }
        throw AddressSpaceException.unknownPolicy(text);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
