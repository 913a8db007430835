package io.aquifer.engine;

import io.aquifer.api.graph.StreamNode;
import io.aquifer.api.memory.ManagedBitSet;
import io.aquifer.api.memory.ManagedBloomFilter;
import io.aquifer.api.memory.ManagedList;
import io.aquifer.api.memory.ManagedMap;
import io.aquifer.api.memory.ManagedMemory;
import io.aquifer.api.memory.ManagedPages;
import io.aquifer.api.memory.ManagedSorter;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.memory.ByteLease;
import io.aquifer.memory.PageLease;
import io.aquifer.memory.Retention;
import io.aquifer.state.BloomFilter;
import io.aquifer.state.ByteList;
import io.aquifer.state.KeyRouting;
import io.aquifer.state.PagedBits;
import io.aquifer.state.RecordSorter;
import io.aquifer.state.ValueTable;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/// The data structures that the functions of one operator in one subtask have asked for, each on a
/// lease of its own. Closed with the operator; used by the subtask's thread.
final class OperatorMemory implements ManagedMemory, AutoCloseable {
    private final StreamNode node;
    private final SubtaskContext subtask;
    private final Map<String, Structure> structures = new HashMap<>();
    private final List<AutoCloseable> closers = new ArrayList<>();
    private boolean closed;

    OperatorMemory(StreamNode node, SubtaskContext subtask) {
        this.node = node;
        this.subtask = subtask;
    }

    /// What a structure is, but for its name.
    private record Shape(String kind, List<Object> types, List<Object> sizes) {
        @Override
        public String toString() {
            String text = kind;
            if (!types.isEmpty()) {
                text += types.stream().map(Object::toString).toList();
            }
            return sizes.isEmpty() ? text : text + sizes;
        }
    }

    private record Structure(Shape shape, Object access) {}

    @Override
    public <K, V> ManagedMap<K, V> map(
            String name, TypeInformation<K> keyType, TypeInformation<V> valueType) {
        return structure(
                name,
                new Shape("map", List.of(keyType, valueType), List.of()),
                () -> {
                    StateBytes<K> keys = bytes(keyType);
                    StateBytes<V> values = bytes(valueType);
                    KeyRouting routing = KeyRouting.ungrouped(seed());
                    return new OperatorMap<>(
                            closing(ValueTable.open(lease(name), routing)), routing, keys, values);
                });
    }

    @Override
    public <T> ManagedList<T> list(String name, TypeInformation<T> elementType) {
        return structure(
                name,
                new Shape("list", List.of(elementType), List.of()),
                () -> {
                    StateBytes<T> bytes = bytes(elementType);
                    return new OperatorList<>(closing(ByteList.open(lease(name))), bytes);
                });
    }

    @Override
    public <T> ManagedSorter<T> sorter(
            String name, TypeInformation<T> elementType, Comparator<? super T> comparator) {
        Objects.requireNonNull(comparator, "a sorter needs a comparator");
        return structure(
                name,
                new Shape("sorter", List.of(elementType), List.of()),
                () -> {
                    StateBytes<T> bytes = bytes(elementType);
                    RecordSorter<T> sorter =
                            closing(
                                    RecordSorter.open(
                                            lease(name, Retention.REVOCABLE),
                                            heapLease(name),
                                            subtask.spill().files(),
                                            new SerializedOrder<>(
                                                    elementType.createSerializer(), comparator)));
                    closing(subtask.memory().register(sorter));
                    return new OperatorSorter<>(sorter, bytes);
                });
    }

    @Override
    public ManagedBitSet bitSet(String name, long bits) {
        return structure(
                name,
                new Shape("bit set", List.of(), List.of(bits)),
                () -> new OperatorBitSet(closing(PagedBits.open(lease(name), bits))));
    }

    @Override
    public <T> ManagedBloomFilter<T> bloomFilter(
            String name, TypeInformation<T> elementType, long expected, double falsePositiveRate) {
        return structure(
                name,
                new Shape(
                        "Bloom filter", List.of(elementType), List.of(expected, falsePositiveRate)),
                () -> {
                    StateBytes<T> bytes = bytes(elementType);
                    return new OperatorBloomFilter<>(
                            closing(
                                    BloomFilter.open(
                                            lease(name), seed(), expected, falsePositiveRate)),
                            bytes);
                });
    }

    @Override
    public ManagedPages pages(String name) {
        return structure(
                name,
                new Shape("set of pages", List.of(), List.of()),
                () -> closing(new OperatorPages(lease(name), PageLease::view)));
    }

    @SuppressWarnings("unchecked") // equal shapes have equal type arguments
    private <S> S structure(String name, Shape shape, Supplier<S> open) {
        if (closed) {
            throw new IllegalStateException(
                    node + " asks for a " + shape + " '" + name + "' after its end");
        }
        Structure known = structures.get(name);
        if (known == null) {
            known = new Structure(shape, open.get());
            structures.put(name, known);
        } else if (!known.shape().equals(shape)) {
            throw new IllegalStateException(
                    node
                            + " asks for managed memory '"
                            + name
                            + "' as a "
                            + shape
                            + ", but has it already as a "
                            + known.shape()
                            + "; give one of them another name");
        }
        return (S) known.access();
    }

    private <C extends AutoCloseable> C closing(C opened) {
        closers.add(opened);
        return opened;
    }

    private PageLease lease(String name) {
        return lease(name, Retention.REQUIRED);
    }

    private PageLease lease(String name, Retention retention) {
        return subtask.memory()
                .leasePages(subtask.manager().managed(), node.name() + " / " + name, retention);
    }

    private ByteLease heapLease(String name) {
        return subtask.memory()
                .leaseBytes(subtask.manager().managedHeap(), node.name() + " / " + name);
    }

    private static <T> StateBytes<T> bytes(TypeInformation<T> type) {
        return new StateBytes<>(type.createSerializer());
    }

    /// As for keyed state: nobody can choose keys that collide.
    private static long seed() {
        return ThreadLocalRandom.current().nextLong();
    }

    /// Gives everything back, the last made first, whatever fails on the way. Closing again does
    /// nothing.
    @Override
    public void close() {
        closed = true;
        RuntimeException first = null;
        for (AutoCloseable structure : closers.reversed()) {
            try {
                structure.close();
            } catch (RuntimeException failed) {
                first = first == null ? failed : first;
            } catch (Exception failed) {
                first = first == null ? new IllegalStateException(failed) : first;
            }
        }
        closers.clear();
        structures.clear();
        if (first != null) {
            throw first;
        }
    }
}
