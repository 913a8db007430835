package io.aquifer.memory.space;

/// The error numbers of Linux that memory calls answer with, the same on every architecture.
final class Errno {
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EINVAL = 22;

    private Errno() {}

    /// Such as `ENOMEM (12)`.
    static String text(int errno) {
        String name =
                switch (errno) {
                    case 1 -> "EPERM";
                    case 9 -> "EBADF";
                    case EAGAIN -> "EAGAIN";
                    case ENOMEM -> "ENOMEM";
                    case 13 -> "EACCES";
                    case 14 -> "EFAULT";
                    case EINVAL -> "EINVAL";
                    case 24 -> "EMFILE";
                    case 38 -> "ENOSYS";
                    default -> "errno";
                };
        return name + " (" + errno + ")";
    }
}
