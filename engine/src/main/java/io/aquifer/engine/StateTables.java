package io.aquifer.engine;

import io.aquifer.api.state.ListState;
import io.aquifer.api.state.MapState;
import io.aquifer.api.state.ValueState;
import io.aquifer.api.types.TypeInformation;
import io.aquifer.operators.WindowElements;
import io.aquifer.operators.WindowValues;
import io.aquifer.state.file.StateFileWriter;

import java.io.IOException;

/// Where one keyed operator's state lives: one table for each state. All states are those of the
/// [CurrentKey]. A state that a checkpoint holds is read back when it is asked for first.
interface StateTables<K> extends AutoCloseable {
    <V> ValueState<V> value(String name, TypeInformation<V> type);

    <V> ListState<V> list(String name, TypeInformation<V> type);

    <U, V> MapState<U, V> map(
            String name, TypeInformation<U> keyType, TypeInformation<V> valueType);

    <V> WindowValues<K, V> windowValues(String name, TypeInformation<V> type);

    <V> WindowElements<K, V> windowElements(String name, TypeInformation<V> type);

    /// Touches the state of a batch of keys.
    void prefetch(long[] routings, int count);

    /// Brings every entry of every state to `out`, or to runs that `runs` gets.
    ///
    /// @throws IOException when the disk refuses
    void writeTo(StateFileWriter out, StateRuns runs) throws IOException;

    /// Managed memory held now.
    long heldBytes();

    /// Gives all memory back.
    @Override
    void close();
}
