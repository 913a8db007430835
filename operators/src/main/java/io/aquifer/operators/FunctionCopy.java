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

/// Gives each subtask a function of its own, and opens and closes it. The bytes never leave the process.
final class FunctionCopy {
    private FunctionCopy() {}

    /// @throws IllegalArgumentException when the function holds something that cannot be copied; it says what
    @SuppressWarnings({"unchecked", "BanSerializableRead"})
    static <F extends Function> F of(F function, StreamNode node) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(function);
            }
            ClassLoader loader = function.getClass().getClassLoader();
            try (ObjectInputStream in = new LoaderInput(bytes.toByteArray(), loader)) {
                return (F) in.readObject();
            }
        } catch (NotSerializableException notSerializable) {
            throw new IllegalArgumentException(
                    "the function of "
                            + node
                            + " cannot be copied for each subtask: it holds a "
                            + notSerializable.getMessage()
                            + ", which is not serializable. Make it in open() of a Rich function, or let its class implement"
                            + " java.io.Serializable.",
                    notSerializable);
        } catch (IOException | ClassNotFoundException failed) {
            throw new IllegalArgumentException(
                    "the function of " + node + " cannot be copied for each subtask: " + failed, failed);
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

    /// Finds classes where the function's own class was found.
    private static final class LoaderInput extends ObjectInputStream {
        private final ClassLoader loader;

        LoaderInput(byte[] bytes, ClassLoader loader) throws IOException {
            super(new ByteArrayInputStream(bytes));
            this.loader = loader;
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description)
                throws IOException, ClassNotFoundException {
            try {
                return Class.forName(description.getName(), false, loader);
            } catch (ClassNotFoundException notThere) {
                return super.resolveClass(description);
            }
        }
    }
}
