package io.aquifer.api;

import io.aquifer.api.types.TypeInformation;

import java.io.Serializable;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/// Names a side output and its type. Made as an anonymous subclass, so that the type is known: `new
/// OutputTag<String>("late") {}`. Tags of the same name and type are equal.
public class OutputTag<T> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final transient TypeInformation<T> type;
    private final String typeName;

    @SuppressWarnings("unchecked")
    protected OutputTag(String id) {
        this.id = id;
        Type parent = getClass().getGenericSuperclass();
        if (!(parent instanceof ParameterizedType parameterized)) {
            throw new IllegalArgumentException(
                    "the type of side output '"
                            + id
                            + "' is not known: write new OutputTag<MyRecord>(\""
                            + id
                            + "\") {} with braces");
        }
        this.type =
                (TypeInformation<T>)
                        TypeInformation.ofType(parameterized.getActualTypeArguments()[0]);
        this.typeName = type.toString();
    }

    public OutputTag(String id, TypeInformation<T> type) {
        this.id = id;
        this.type = type;
        this.typeName = type.toString();
    }

    public final String getId() {
        return id;
    }

    /// Known on the instance the author made; copies that functions carry only compare.
    public final TypeInformation<T> getTypeInfo() {
        return type;
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof OutputTag<?> tag
                && tag.id.equals(id)
                && tag.typeName.equals(typeName);
    }

    @Override
    public final int hashCode() {
        return id.hashCode();
    }

    @Override
    public final String toString() {
        return "OutputTag(" + id + ": " + typeName + ")";
    }
}
