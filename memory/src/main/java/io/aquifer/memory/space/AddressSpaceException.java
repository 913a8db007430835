package io.aquifer.memory.space;

/// Page memory could not be reserved: the operating system refused, or the configuration is wrong.
public final class AddressSpaceException extends Exception {
    private static final long serialVersionUID = 1L;

    private AddressSpaceException(String message) {
        super(message);
    }

    static AddressSpaceException cannotMap(long bytes, int errno, KernelFacts kernel) {
        String hint =
                kernel.overcommitMemory() == 2
                        ? "vm.overcommit_memory is 2, so the kernel counts reserved addresses as"
                                + " memory in use: set it to 0 or 1, or raise"
                                + " vm.overcommit_ratio"
                        : errno == Errno.ENOMEM
                                ? "the limit on address space (ulimit -v) or on mappings"
                                        + " (vm.max_map_count) may be reached"
                                : "the kernel names no further reason";
        return new AddressSpaceException(
                "mmap of " + bytes + " bytes failed with " + Errno.text(errno) + "; " + hint);
    }

    static AddressSpaceException unknownPolicy(String text) {
        return new AddressSpaceException(
                HugePages.PROPERTY
                        + " is '"
                        + text
                        + "'; it must be extents, never, always or system");
    }
}
