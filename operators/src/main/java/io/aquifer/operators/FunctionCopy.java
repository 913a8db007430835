package io.aquifer.operators;

import io.aquifer.api.functions.Function;
import io.aquifer.api.functions.RichFunction;
import io.aquifer.api.functions.RuntimeContext;
import io.aquifer.api.graph.StreamNode;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.ObjectStreamClass;
import java.util.HashMap;
import java.util.Map;

/// Gives each subtask a function of its own, and opens and closes it. The bytes never leave the
/// process.
final class FunctionCopy {
    private FunctionCopy() {}

    /// @throws IllegalArgumentException when the function holds something that cannot be copied; it
    ///   says what
    @SuppressWarnings({"unchecked", "BanSerializableRead"})
    static <F extends Function> F of(F function, StreamNode node) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Map<String, Class<?>> classes = new HashMap<>();
            try (ObjectOutputStream out = new ClassesOutput(bytes, classes)) {
                out.writeObject(function);
            }
            try (ObjectInputStream in = new ClassesInput(bytes.toByteArray(), classes)) {
                return (F) in.readObject();
            }
        } catch (NotSerializableException notSerializable) {
            throw new IllegalArgumentException(
                    "the function of "
                            + node
                            + " cannot be copied for each subtask: it holds a "
                            + notSerializable.getMessage()
                            + ", which is not serializable. Make it in open() of a Rich function,"
                            + " or let its class implement java.io.Serializable.",
                    notSerializable);
        } catch (IOException | ClassNotFoundException failed) {
            throw new IllegalArgumentException(
                    "the function of " + node + " cannot be copied for each subtask: " + failed,
                    failed);
        }
    }

    static void open(Function function, RuntimeContext context) throws Exception {
        if (function instanceof RichFunction rich) {
            rich.setRuntimeContext(context);
            rich.open();
        }
    }

    static void close(Function function) throws Exception {
        if (function instanceof RichFunction rich) {
            rich.close();
        }
    }

    /// Notes the classes of what it writes: a function may hold classes of several loaders, as a
    /// watermark strategy of the API holds the author's lambda.
    private static final class ClassesOutput extends ObjectOutputStream {
        private final Map<String, Class<?>> classes;

        ClassesOutput(ByteArrayOutputStream bytes, Map<String, Class<?>> classes)
                throws IOException {
            super(bytes);
            this.classes = classes;
        }

        @Override
        protected void annotateClass(Class<?> type) {
            classes.put(type.getName(), type);
        }
    }

    /// Reads objects of the very classes that were written.
    private static final class ClassesInput extends ObjectInputStream {
        private final Map<String, Class<?>> classes;

        ClassesInput(byte[] bytes, Map<String, Class<?>> classes) throws IOException {
            super(new ByteArrayInputStream(bytes));
            this.classes = classes;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description)
                throws IOException, ClassNotFoundException {
            Class<?> written = classes.get(description.getName());
            return written == null ? super.resolveClass(description) : written;
        }
    }
}
