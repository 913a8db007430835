package io.aquifer.api.memory;

import io.aquifer.api.types.TypeInformation;

import java.util.Comparator;

/// A function's own data structures in managed memory: off the heap, inside the job's budget, and
/// given back when the task ends, without the function's doing.
///
/// A structure belongs to one operator in one subtask and has a name there. Asked for again with
/// the same types and sizes it is the same structure, with what it holds; asked for as something
/// else it throws [IllegalStateException]. Names are apart from those of keyed state.
///
/// **Not in checkpoints.** A job that is restarted or resumed begins with empty structures. What
/// must survive belongs into keyed state ([io.aquifer.api.state]).
///
/// **Not by key.** A structure is shared by all keys of its subtask.
///
/// | When the budget is spent | What happens                                                         |
/// |--------------------------|----------------------------------------------------------------------|
/// | map, list                | the call that needs memory throws, with the holders and the remedy; the structure is as before |
/// | bit set, Bloom filter    | the call here that makes it throws so, and holds nothing; later calls take no memory |
/// | sorter                   | writes what it has to disk and goes on                               |
/// | pages                    | `allocate` throws so                                                 |
///
/// Elements are kept as bytes, by the serializers of their types: what a call returns is a copy.
/// None may be null.
///
/// **Threads.** The subtask's, in `open`, `close` and everything between.
///
/// ```java
/// public void open() {
///     ManagedMemory memory = getRuntimeContext().getManagedMemory();
///     seen = memory.bloomFilter("seen", TypeInformation.of(String.class), 1_000_000, 0.01);
/// }
/// ```
public interface ManagedMemory {
    /// A hash map.
    ///
    /// @throws IllegalStateException if the operator has another structure of this name, here and
    ///   in the other calls
    /// @throws io.aquifer.api.types.UnsupportedTypeException if a type has no serializer, here and
    ///   in the other calls
    <K, V> ManagedMap<K, V> map(
            String name, TypeInformation<K> keyType, TypeInformation<V> valueType);

    /// A list that grows at its end.
    <T> ManagedList<T> list(String name, TypeInformation<T> elementType);

    /// A sorter for more than fits into memory.
    ///
    /// @param comparator the order; asked for again, the sorter keeps that of the first call
    <T> ManagedSorter<T> sorter(
            String name, TypeInformation<T> elementType, Comparator<? super T> comparator);

    /// A set of bits.
    ///
    /// @param bits how many, at least 1; 262,144 of them fill a page of 32 KiB
    ManagedBitSet bitSet(String name, long bits);

    /// A Bloom filter.
    ///
    /// @param expected how many different elements will be added, at least 1
    /// @param falsePositiveRate how many of the elements that were never added it may take for
    ///   added, as a fraction between 0 and 1: 0.01 takes about 9.6 bits for each expected element
    <T> ManagedBloomFilter<T> bloomFilter(
            String name, TypeInformation<T> elementType, long expected, double falsePositiveRate);

    /// Raw pages, none at first, for structures of one's own.
    ManagedPages pages(String name);
}
