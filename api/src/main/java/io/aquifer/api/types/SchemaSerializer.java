package io.aquifer.api.types;

/// A serializer whose type has named parts: a record, a POJO, a sealed type or an enum.
public interface SchemaSerializer<T> extends TypeSerializer<T> {
    TypeSchema schema();
}
