#include "templating/helm/template/literal.h"

namespace headgate::templating::helm {
namespace {

bool Refuse(std::string* error, std::string why) {
  *error = std::move(why);
  return false;
}

bool NumberOf(const Node& literal, Heap* heap, Value* value, std::string* error) {
  const Number& number = literal.number();
  const std::string_view text = literal.text();
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x' &&
                   text.find_first_of("pP") == std::string_view::npos;
  const bool written_as_float =
      !hex && text[0] != '\'' && text.find_first_of(".eEpP") != std::string_view::npos;
  if (number.is_complex) {
    *value = Value::Complex(number.complex, heap);
  } else if (number.is_float && written_as_float) {
    *value = Value::Float(number.real);
  } else if (number.is_int) {
    *value = Value::Int(number.integer);
  } else if (number.is_uint) {
    return Refuse(error, std::string(text) + " overflows int");
  } else {
    *value = Value();
  }
  return true;
}

bool NumberFor(const Node& literal, Type type, Value* value, std::string* error) {
  static const Number kNone;
  const Number& number = literal.kind == NodeKind::kNumber ? literal.number() : kNone;
  const char* expected = nullptr;
  switch (KindOf(type)) {
    case Kind::kFloat64:
      if (number.is_float) return *value = Value::Float(number.real), true;
      expected = "float";
      break;
    case Kind::kInt:
    case Kind::kInt64:
      if (number.is_int) return *value = Value::Number(type, number.integer), true;
      expected = "integer";
      break;
    case Kind::kInt32:
      if (number.is_int) {
        return *value = Value::Number(type, static_cast<int32_t>(number.integer)), true;
      }
      expected = "integer";
      break;
    case Kind::kUint8:
    case Kind::kUint32:
    case Kind::kUint64: {
      const int bits = KindOf(type) == Kind::kUint8 ? 8 : KindOf(type) == Kind::kUint32 ? 32 : 64;
      const uint64_t mask = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
      if (number.is_uint) {
        return *value = Value::Number(type, static_cast<int64_t>(number.natural & mask)), true;
      }
      expected = "unsigned integer";
      break;
    }
    default:
      return Refuse(
          error, "can't handle " + Show(literal) + " for arg of type " + std::string(Name(type)));
  }
  return Refuse(error, "expected " + std::string(expected) + "; found " + Show(literal));
}

}  // namespace

bool LiteralOf(const Node& literal, Heap* heap, Value* value, std::string* error) {
  switch (literal.kind) {
    case NodeKind::kBool:
      *value = Value::Bool(literal.flag);
      return true;
    case NodeKind::kString:
      *value = Value::Text(literal.value());
      return true;
    case NodeKind::kNumber:
      return NumberOf(literal, heap, value, error);
    default:
      *value = Value();
      return true;
  }
}

bool LiteralFor(const Node& literal, Type type, Heap* heap, Value* value, std::string* error) {
  if (literal.kind == NodeKind::kNil) {
    if (!CanBeNil(type)) return Refuse(error, "cannot assign nil to " + std::string(Name(type)));
    *value = type == Type::kAny || type == Type::kReflect ? Value() : Value::Nil(type);
    return true;
  }
  if (type == Type::kAny || type == Type::kReflect) return LiteralOf(literal, heap, value, error);
  if (type == Type::kBool) {
    if (literal.kind != NodeKind::kBool) {
      return Refuse(error, "expected bool; found " + Show(literal));
    }
    *value = Value::Bool(literal.flag);
    return true;
  }
  if (type == Type::kString) {
    if (literal.kind != NodeKind::kString) {
      return Refuse(error, "expected string; found " + Show(literal));
    }
    *value = Value::Text(literal.value());
    return true;
  }
  return NumberFor(literal, type, value, error);
}

bool ConvertTo(Type type, Value* value, std::string* error) {
  if (value->type() == type || type == Type::kReflect) return true;
  if (value->type() == Type::kNil) {
    if (!CanBeNil(type)) {
      return Refuse(error, "invalid value; expected " + std::string(Name(type)));
    }
    if (type != Type::kAny) *value = Value::Nil(type);
    return true;
  }
  if (type == Type::kAny) {
    if (value->type() == Type::kNilAny) *value = Value();
    return true;
  }
  if (!AssignableTo(value->type(), type)) {
    return Refuse(error, "wrong type for value; expected " + std::string(Name(type)) + "; got " +
                             std::string(TypeName(*value)));
  }
  *value = value->As(type);
  return true;
}

}  // namespace headgate::templating::helm
