package io.aquifer.engine.checkpoint;

import io.aquifer.state.run.RunFile;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/// A disk in memory that forgets, when the power fails, whatever was not forced: contents of files
/// and names in directories. Paths are absolute and have no links.
final class MemoryDisk implements Disk {
    /// What becomes of what was not forced.
    enum PowerLoss {
        LOSES_ALL,
        /// Each name and each content is kept, lost, or kept in part, independently of the others.
        LOSES_SOME
    }

    private static sealed class Node permits Directory, Content {}

    private static final class Directory extends Node {
        private Map<String, Node> names = new TreeMap<>();
        private Map<String, Node> durable = new TreeMap<>();
    }

    private static final class Content extends Node {
        private byte[] bytes = new byte[0];
        private byte[] durable = new byte[0];
    }

    private final Directory top = new Directory();
    private final Map<Node, LockHolder> locks = new HashMap<>();

    /// All processes end; nothing is lost.
    synchronized void kill() {
        locks.clear();
    }

    synchronized void lose(PowerLoss loss, SplittableRandom random) {
        locks.clear();
        lose(top, loss, random);
    }

    private static void lose(Directory directory, PowerLoss loss, SplittableRandom random) {
        Map<String, Node> left = new TreeMap<>();
        TreeSet<String> names = new TreeSet<>(directory.names.keySet());
        names.addAll(directory.durable.keySet());
        for (String name : names) {
            boolean keep = loss == PowerLoss.LOSES_SOME && random.nextBoolean();
            Node node = (keep ? directory.names : directory.durable).get(name);
            if (node != null) {
                left.put(name, node);
            }
        }
        directory.names = left;
        directory.durable = new TreeMap<>(left);
        for (Node node : left.values()) {
            if (node instanceof Directory child) {
                lose(child, loss, random);
            } else if (node instanceof Content file) {
                lose(file, loss, random);
            }
        }
    }

    private static void lose(Content file, PowerLoss loss, SplittableRandom random) {
        if (!Arrays.equals(file.bytes, file.durable)) {
            int kept = loss == PowerLoss.LOSES_ALL ? 0 : random.nextInt(3);
            if (kept == 0) {
                file.bytes = file.durable;
            } else if (kept == 1) {
                file.bytes = Arrays.copyOf(file.bytes, random.nextInt(file.bytes.length + 1));
            }
            file.durable = file.bytes;
        }
    }

    private @Nullable Node find(Path path) {
        Node node = top;
        for (Path name : path) {
            node = node instanceof Directory in ? in.names.get(name.toString()) : null;
        }
        return node;
    }

    private Directory directory(Path path) throws IOException {
        return switch (find(path)) {
            case null -> throw new NoSuchFileException(path.toString());
            case Directory directory -> directory;
            default -> throw new NotDirectoryException(path.toString());
        };
    }

    private Content file(Path path) throws IOException {
        if (find(path) instanceof Content file) {
            return file;
        }
        throw new NoSuchFileException(path.toString());
    }

    @Override
    public synchronized Path realPath(Path path) throws IOException {
        if (find(path) == null) {
            throw new NoSuchFileException(path.toString());
        }
        return path;
    }

    @Override
    public synchronized Kind kind(Path path) {
        return switch (find(path)) {
            case null -> Kind.NONE;
            case Directory directory -> Kind.DIRECTORY;
            default -> Kind.FILE;
        };
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        return List.copyOf(directory(directory).names.keySet());
    }

    @Override
    public synchronized long size(Path file) throws IOException {
        return file(file).bytes.length;
    }

    @Override
    public synchronized byte[] read(Path file, int maxBytes) throws IOException {
        return file(file).bytes.clone();
    }

    @Override
    public synchronized SeekableByteChannel openToRead(Path file) throws IOException {
        return new BytesChannel(file(file).bytes.clone());
    }

    @Override
    public synchronized WritableFile create(Path file) throws IOException {
        Content content = new Content();
        add(file, content);
        return new MemoryFile(content);
    }

    @Override
    public synchronized void createFrom(RunFile source, Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(source.length()));
        while (bytes.hasRemaining()) {
            source.read(bytes, bytes.position());
        }
        Content content = new Content();
        content.bytes = bytes.array();
        content.durable = content.bytes;
        add(file, content);
    }

    @Override
    public synchronized void createDirectory(Path directory) throws IOException {
        add(directory, new Directory());
    }

    private void add(Path path, Node node) throws IOException {
        Directory parent = directory(path.getParent());
        if (parent.names.putIfAbsent(path.getFileName().toString(), node) != null) {
            throw new FileAlreadyExistsException(path.toString());
        }
    }

    @Override
    public synchronized void forceDirectory(Path directory) throws IOException {
        Directory forced = directory(directory);
        forced.durable = new TreeMap<>(forced.names);
    }

    @Override
    public synchronized void move(Path from, Path to) throws IOException {
        Directory directory = directory(from.getParent());
        Node node = directory.names.remove(from.getFileName().toString());
        if (node == null || !to.getParent().equals(from.getParent())) {
            throw new NoSuchFileException(from.toString());
        }
        directory.names.put(to.getFileName().toString(), node);
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        Node node = find(path);
        if (node instanceof Directory directory && !directory.names.isEmpty()) {
            throw new DirectoryNotEmptyException(path.toString());
        }
        if (node != null) {
            directory(path.getParent()).names.remove(path.getFileName().toString());
        }
    }

    @Override
    public synchronized Lock lock(Path file, LockHolder me) throws IOException {
        if (find(file) == null) {
            add(file, new Content());
        }
        Content content = file(file);
        LockHolder holder = locks.putIfAbsent(content, me);
        if (holder != null) {
            throw new DirectoryInUseException(holder);
        }
        return new Lock() {
            @Override
            public boolean intact() {
                return find(file) == content;
            }

            @Override
            public void release() {
                locks.remove(content, me);
            }
        };
    }

    @Override
    public synchronized @Nullable LockHolder holder(Path file) {
        return locks.get(find(file));
    }

    private final class MemoryFile implements WritableFile {
        private final Content content;
        private boolean open = true;

        MemoryFile(Content content) {
            this.content = content;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            synchronized (MemoryDisk.this) {
                if (!open) {
                    throw new ClosedChannelException();
                }
                int length = source.remaining();
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                bytes.write(content.bytes);
                byte[] added = new byte[length];
                source.get(added);
                bytes.write(added);
                content.bytes = bytes.toByteArray();
                return length;
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (MemoryDisk.this) {
                if (!open) {
                    throw new ClosedChannelException();
                }
                content.durable = content.bytes;
            }
        }

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public void close() {
            open = false;
        }
    }
}
