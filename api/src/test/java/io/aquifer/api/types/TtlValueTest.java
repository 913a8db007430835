package io.aquifer.api.types;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// The bytes that stores and tools may look at without the value's type.
class TtlValueTest {
    @Test
    void bytes_beginWithTheTime() {
        TypeInformation<TtlValue<String>> type = TtlValue.typeOf(TypeInformation.of(String.class));
        assertThat(type.type().getTypeName())
                .isEqualTo("io.aquifer.api.types.TtlValue<java.lang.String>");
        DataOutputSerializer out = new DataOutputSerializer();
        type.createSerializer().serialize(new TtlValue<>(-2, "ab"), out);
        byte[] bytes = Arrays.copyOf(out.buffer(), out.length());
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong()).isEqualTo(-2);
        assertThat(bytes).hasSize(8 + 3).endsWith('a', 'b');
        assertThat(type.createSerializer().deserialize(new DataInputDeserializer(bytes)))
                .isEqualTo(new TtlValue<>(-2, "ab"));
        assertThat(TtlValue.typeOf(TypeInformation.of(Long.class)).createSerializer().fixedLength())
                .isEqualTo(16);
        assertThat(type.createSerializer().fixedLength()).isEqualTo(-1);
    }
}
