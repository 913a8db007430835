package io.aquifer.connectors.files;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/// A disk in memory that can stop the process, cut the power or fail at any operation.
///
/// After a power cut files have a random prefix of what was not forced, and the names are as some
/// operation since the directory was last forced left them, which is what a file system with an
/// ordered journal promises.
final class MemoryDisk implements Disk {
    /// Ends the process: nothing works from here to [#restart].
    static final class Stopped extends IOException {
        private static final long serialVersionUID = 1L;

        Stopped() {
            super("the process has ended");
        }
    }

    private static final class Content {
        byte[] bytes = new byte[0];
        int forced;
    }

    private final List<TreeMap<String, Content>> journal = new ArrayList<>();
    private TreeMap<String, Content> names = new TreeMap<>();
    private final Map<Path, String> locks = new HashMap<>();
    private boolean made;
    private boolean links = true;
    private long operations;
    private long stopAt = Long.MAX_VALUE;
    private long failAt = Long.MAX_VALUE;
    private boolean stopped;
    private @Nullable String intruder;

    MemoryDisk withoutLinks() {
        links = false;
        return this;
    }

    /// Stops at the n-th operation from now, from 1.
    void stopAt(long n) {
        stopAt = operations + n;
    }

    /// Fails once, at the n-th operation from now, without having any effect.
    void failAt(long n) {
        failAt = operations + n;
    }

    long operations() {
        return operations;
    }

    boolean hasFailed() {
        return operations >= failAt;
    }

    /// Has somebody else take the next name that a file is to get, at the last moment.
    void takeNextName(String text) {
        intruder = text;
    }

    /// The process is there again, locks are free.
    void restart() {
        stopped = false;
        stopAt = Long.MAX_VALUE;
        failAt = Long.MAX_VALUE;
        locks.clear();
    }

    void cutPower(SplittableRandom random) {
        if (!journal.isEmpty()) {
            int kept = random.nextInt(journal.size() + 1);
            names = kept == journal.size() ? names : journal.get(kept);
        }
        for (Content content : names.values()) {
            int length = content.forced + random.nextInt(content.bytes.length - content.forced + 1);
            content.bytes = java.util.Arrays.copyOf(content.bytes, length);
            content.forced = length;
        }
        journal.clear();
    }

    /// Somebody else's file.
    void put(String name, String text) {
        Content content = new Content();
        content.bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        content.forced = content.bytes.length;
        names.put(name, content);
        journal.forEach(before -> before.put(name, content));
    }

    /// Names and texts of all files.
    TreeMap<String, String> files() {
        TreeMap<String, String> files = new TreeMap<>();
        names.forEach(
                (name, content) ->
                        files.put(
                                name,
                                new String(
                                        content.bytes, java.nio.charset.StandardCharsets.UTF_8)));
        return files;
    }

    private void operation() throws IOException {
        operations++;
        if (stopped || operations == stopAt) {
            stopped = true;
            throw new Stopped();
        }
        if (operations == failAt) {
            throw new IOException("Input/output error");
        }
    }

    private void change() {
        journal.add(new TreeMap<>(names));
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private Content content(Path file) throws NoSuchFileException {
        Content content = names.get(name(file));
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return content;
    }

    @Override
    public void makeDirectories(Path directory) throws IOException {
        operation();
        made = true;
    }

    @Override
    public Closeable lock(Path file, OutputLock.Owner owner) throws IOException {
        operation();
        String holder = locks.putIfAbsent(file, owner.jobName());
        if (holder != null) {
            throw FileAccessException.of(holder + " writes there");
        }
        return () -> locks.remove(file);
    }

    @Override
    public WritableByteChannel create(Path file) throws IOException {
        operation();
        change();
        Content content = new Content();
        names.put(name(file), content);
        return new WritableByteChannel() {
            @Override
            public int write(ByteBuffer from) throws IOException {
                int whole = from.remaining();
                boolean stops = !stopped && operations + 1 == stopAt;
                int count = stops ? whole / 2 : whole;
                if (!stopped && operations + 1 != failAt) {
                    byte[] longer =
                            java.util.Arrays.copyOf(content.bytes, content.bytes.length + count);
                    from.get(longer, content.bytes.length, count);
                    content.bytes = longer;
                }
                operation();
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void force(Path file) throws IOException {
        operation();
        Content content = content(file);
        content.forced = content.bytes.length;
    }

    @Override
    public void forceDirectory(Path directory) throws IOException {
        operation();
        journal.clear();
    }

    @Override
    public boolean exists(Path file) {
        return names.containsKey(name(file)) || made && name(file).equals("out");
    }

    @Override
    public boolean isSame(Path one, Path other) throws IOException {
        operation();
        Content content = names.get(name(one));
        return content != null && content == names.get(name(other));
    }

    @Override
    public boolean link(Path file, Path name) throws IOException {
        operation();
        if (!links) {
            return false;
        }
        Content content = content(file);
        if (intruder != null) {
            put(name(name), intruder);
            intruder = null;
        }
        if (names.containsKey(name(name))) {
            throw new FileAlreadyExistsException(name.toString());
        }
        change();
        names.put(name(name), content);
        return true;
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        operation();
        Content content = content(from);
        change();
        names.remove(name(from));
        names.put(name(to), content);
    }

    @Override
    public void delete(Path file) throws IOException {
        operation();
        if (names.containsKey(name(file))) {
            change();
            names.remove(name(file));
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        operation();
        return List.copyOf(names.keySet());
    }

    @Override
    public byte @Nullable [] read(Path file) throws IOException {
        operation();
        Content content = names.get(name(file));
        return content == null ? null : content.bytes.clone();
    }
}
