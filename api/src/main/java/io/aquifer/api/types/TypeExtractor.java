package io.aquifer.api.types;

import org.jspecify.annotations.Nullable;

import java.io.Serializable;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Finds out what a user's function returns or takes, where the JVM still knows.
///
/// | The function                                             | Known                                                 |
/// |----------------------------------------------------------|-------------------------------------------------------|
/// | a class, named or anonymous                              | when its declaration says the type without variables  |
/// | a lambda                                                 | when the type is a class without type arguments       |
/// | a reference to a method that is not generic              | always, type arguments too                            |
/// | a reference to a generic method or a constructor         | when the type is a class without type arguments       |
/// | a type that only a parameter such as a Collector carries | never from a lambda or a reference                    |
///
/// Unknown is null, never a guess: the caller asks the user for a [TypeHint].
public final class TypeExtractor {
    private TypeExtractor() {}

    /// What `functionalInterface`'s type parameter stands for in `function`.
    ///
    /// @param functionalInterface the interface that declares the type parameter, such as
    ///   `MapFunction`
    /// @param typeParameterIndex the type parameter's place in the declaration, from 0
    /// @return null when the JVM does not know
    /// @throws IllegalArgumentException if the function does not implement the interface, or there
    ///   is no such parameter
    public static @Nullable TypeInformation<?> outputOf(
            Serializable function, Class<?> functionalInterface, int typeParameterIndex) {
        TypeVariable<?>[] variables = functionalInterface.getTypeParameters();
        if (typeParameterIndex < 0 || typeParameterIndex >= variables.length) {
            throw new IllegalArgumentException(
                    "%s has %d type parameters, none has index %d"
                            .formatted(
                                    functionalInterface.getName(),
                                    variables.length,
                                    typeParameterIndex));
        }
        if (!functionalInterface.isInstance(function)) {
            throw new IllegalArgumentException(
                    function.getClass().getName()
                            + " does not implement "
                            + functionalInterface.getName());
        }
        Type type = declared(function.getClass(), functionalInterface, typeParameterIndex);
        if (type == null) {
            SerializedLambda lambda = lambda(function);
            if (lambda != null) {
                type =
                        ofLambda(
                                function,
                                lambda,
                                functionalInterface,
                                variables[typeParameterIndex]);
            }
        }
        return type == null ? null : TypeInformation.ofType(type);
    }

    /// The type that the class declarations between `type` and the interface give, null when it
    /// stays open.
    private static @Nullable Type declared(Class<?> type, Class<?> functionalInterface, int index) {
        Type seen = GenericTypes.supertype(type, functionalInterface);
        if (!(seen instanceof ParameterizedType bound)) {
            return null;
        }
        Type argument = bound.getActualTypeArguments()[index];
        return GenericTypes.isComplete(argument) ? argument : null;
    }

    /// What the compiler wrote down about a lambda or method reference; null for an ordinary class.
    private static @Nullable SerializedLambda lambda(Serializable function) {
        if (!function.getClass().isSynthetic() && !function.getClass().isHidden()) {
            return null;
        }
        try {
            Method writeReplace = function.getClass().getDeclaredMethod("writeReplace");
            writeReplace.setAccessible(true);
            return writeReplace.invoke(function) instanceof SerializedLambda lambda ? lambda : null;
        } catch (ReflectiveOperationException | InaccessibleObjectException notALambda) {
            return null;
        }
    }

    private static @Nullable Type ofLambda(
            Serializable function,
            SerializedLambda lambda,
            Class<?> functionalInterface,
            TypeVariable<?> sought) {
        ClassLoader loader = function.getClass().getClassLoader();
        Method method =
                abstractMethod(functionalInterface, lambda.getFunctionalInterfaceMethodName());
        if (method == null) {
            return null;
        }
        MethodType instantiated;
        try {
            instantiated =
                    MethodType.fromMethodDescriptorString(
                            lambda.getInstantiatedMethodType(), loader);
        } catch (TypeNotPresentException | IllegalArgumentException unknown) {
            return null;
        }
        Map<TypeVariable<?>, Type> bindings = bindings(functionalInterface, method);
        if (GenericTypes.substitute(method.getGenericReturnType(), bindings).equals(sought)) {
            Class<?> erased = instantiated.returnType();
            return isPlain(erased) ? erased : declaredReturn(lambda, erased, loader);
        }
        List<Type> parameters =
                Arrays.stream(method.getGenericParameterTypes())
                        .map(parameter -> GenericTypes.substitute(parameter, bindings))
                        .toList();
        int at = parameters.indexOf(sought);
        if (at < 0 || parameters.size() != instantiated.parameterCount()) {
            return null;
        }
        Class<?> erased = instantiated.parameterType(at);
        return isPlain(erased) ? erased : null;
    }

    /// The one abstract method of that name; an overload would make the interface no functional
    /// one.
    private static @Nullable Method abstractMethod(Class<?> functionalInterface, String name) {
        return Arrays.stream(functionalInterface.getMethods())
                .filter(m -> Modifier.isAbstract(m.getModifiers()) && m.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    /// The variables of the interface that declares the method, in terms of those of the interface
    /// asked about.
    private static Map<TypeVariable<?>, Type> bindings(
            Class<?> functionalInterface, Method method) {
        Type self =
                new BoundType(
                        functionalInterface, List.of(functionalInterface.getTypeParameters()));
        Type declaring = GenericTypes.supertype(self, method.getDeclaringClass());
        return declaring == null ? Map.of() : GenericTypes.bindings(declaring);
    }

    /// True when the erased class says all: `Object` may be the erasure of anything, a generic
    /// class lost its arguments.
    private static boolean isPlain(Class<?> erased) {
        return erased != Object.class && erased != Void.class && GenericTypes.isComplete(erased);
    }

    /// What a referenced method's declaration says that it returns, when that is the erased type
    /// with its arguments.
    private static @Nullable Type declaredReturn(
            SerializedLambda lambda, Class<?> erased, ClassLoader loader) {
        if (lambda.getImplMethodKind() == MethodHandleInfo.REF_newInvokeSpecial) {
            return null;
        }
        try {
            Class<?> owner = Class.forName(lambda.getImplClass().replace('/', '.'), false, loader);
            MethodType signature =
                    MethodType.fromMethodDescriptorString(lambda.getImplMethodSignature(), loader);
            Method method = find(owner, lambda.getImplMethodName(), signature);
            if (method == null || method.isSynthetic()) {
                return null;
            }
            Type declared = GenericTypes.canonical(method.getGenericReturnType());
            boolean carriesArguments =
                    declared instanceof ParameterizedType || declared instanceof GenericArrayType;
            return carriesArguments
                            && GenericTypes.rawClass(declared) == erased
                            && GenericTypes.isComplete(declared)
                    ? declared
                    : null;
        } catch (ClassNotFoundException
                | LinkageError
                | TypeNotPresentException
                | IllegalArgumentException unknown) {
            return null;
        }
    }

    private static @Nullable Method find(Class<?> owner, String name, MethodType signature) {
        for (Class<?> type = owner; type != null; type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) {
                if (method.getName().equals(name)
                        && method.getReturnType() == signature.returnType()
                        && Arrays.equals(method.getParameterTypes(), signature.parameterArray())) {
                    return method;
                }
            }
        }
        return Arrays.stream(owner.getMethods())
                .filter(
                        m ->
                                m.getName().equals(name)
                                        && m.getReturnType() == signature.returnType())
                .filter(m -> Arrays.equals(m.getParameterTypes(), signature.parameterArray()))
                .findFirst()
                .orElse(null);
    }
}
