#include "templating/helm/template/parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "templating/helm/strconv.h"
#include "templating/helm/template/lexer.h"

namespace headgate::templating::helm {
namespace {

// The variables that are known at a place.
class Variables {
 public:
  Variables() { Add("$"); }
  void Add(std::string_view name) {
    names_.push_back(name);
    ++count_[name];
  }
  bool Has(std::string_view name) const {
    const auto found = count_.find(name);
    return found != count_.end() && found->second > 0;
  }
  size_t size() const { return names_.size(); }
  void Shrink(size_t size) {
    for (; names_.size() > size; names_.pop_back()) --count_[names_.back()];
  }

 private:
  std::vector<std::string_view> names_;
  std::unordered_map<std::string_view, uint32_t> count_;
};

// What {{define}} and {{block}} start anew.
struct Scope {
  Variables variables;
  uint32_t action_line = 0;  // where the action began that is being read; 0 outside of actions
  int ranges = 0;            // around this place
};

// Recursive descent. After a failure every function returns nullptr, and error_ says why.
class Parser {
 public:
  Parser(std::string_view name, std::string_view text, const FunctionTable& functions,
         const Limits& limits, Heap* heap)
      : name_(name),
        text_(text),
        functions_(functions),
        limits_(limits),
        heap_(*heap),
        lexer_(text) {}

  bool Parse();
  std::vector<Definition> Take();
  std::string& error() { return error_; }

 private:
  // Nodes that are collected for a list, above those of the lists around it.
  class Nodes {
   public:
    explicit Nodes(std::vector<Node*>* stack) : stack_(*stack), from_(stack->size()) {}
    Nodes(const Nodes&) = delete;
    Nodes& operator=(const Nodes&) = delete;
    ~Nodes() { stack_.resize(from_); }
    void push_back(Node* node) { stack_.push_back(node); }
    std::span<Node* const> items() const { return std::span(stack_).subspan(from_); }

   private:
    std::vector<Node*>& stack_;
    const size_t from_;
  };

  // Tokens. Up to three can be put back, the last one first.
  Token Next();
  Token NextNonSpace();
  const Token& Peek();
  const Token& PeekNonSpace();
  void Back(const Token& token) { back_[backed_++] = token; }

  std::nullptr_t Fail(std::string what);
  std::nullptr_t Unexpected(const Token& token, std::string_view context);
  bool Expect(TokenKind kind, std::string_view context, Token* token = nullptr);

  Node* New(NodeKind kind, uint32_t position, std::string_view text = {});
  template <class T>
  std::span<T> Keep(std::span<const T> items);
  std::span<Node*> Keep(const Nodes& nodes) { return Keep(nodes.items()); }
  std::span<Node*> Keep(std::initializer_list<Node*> nodes) {
    return Keep(std::span<Node* const>(nodes.begin(), nodes.size()));
  }

  bool Define();
  bool AddDefinition(std::string_view name, const Node* list);
  // A list up to {{end}} or {{else}}, which `end` is then.
  Node* List(Node** end);
  Node* TextOrAction();
  Node* Action();
  Node* Control(NodeKind kind, std::string_view context);
  bool ElseBranch(Node* branch, Node* otherwise, std::string_view context, Node** next);
  Node* Loop(NodeKind kind, std::string_view shown);
  Node* Else();
  Node* Block();
  Node* Template();
  bool TemplateName(const Token& token, std::string_view context, std::string_view* name);

  Node* Pipeline(std::string_view context, TokenKind end);
  bool Declarations(std::string_view context, Node* pipe);
  bool CheckStages(std::span<Node* const> commands, std::string_view context);
  Node* Command();
  Node* Operand();
  Node* Term();
  Node* NumberTerm(const Token& token);
  Node* Variable(const Token& token);

  const std::string_view name_;
  const std::string_view text_;
  const FunctionTable& functions_;
  const Limits& limits_;
  Heap& heap_;
  Lexer lexer_;
  std::array<Token, 3> back_;
  int backed_ = 0;
  uint32_t line_ = 1;   // of the token that was cut last
  uint32_t depth_ = 0;  // of lists and parentheses in each other
  Scope scope_;
  bool nested_declarations_ = false;
  std::vector<Definition> definitions_;
  std::unordered_map<std::string_view, size_t> index_;  // of definitions_
  std::vector<Node*> stack_;                            // of Nodes
  std::vector<std::string_view> names_;                 // of the operand that is being read
  std::string error_;
};

std::vector<Definition> Parser::Take() {
  for (Definition& definition : definitions_) {
    definition.nested_declarations = nested_declarations_;
  }
  return std::move(definitions_);
}

Token Parser::Next() {
  if (backed_ > 0) return back_[static_cast<size_t>(--backed_)];
  const Token token = lexer_.Next();
  line_ = token.line;
  return token;
}

Token Parser::NextNonSpace() {
  Token token = Next();
  while (token.kind == TokenKind::kSpace) token = Next();
  return token;
}

const Token& Parser::Peek() {
  if (backed_ == 0) Back(Next());
  return back_[static_cast<size_t>(backed_ - 1)];
}

const Token& Parser::PeekNonSpace() {
  Back(NextNonSpace());
  return back_[static_cast<size_t>(backed_ - 1)];
}

std::nullptr_t Parser::Fail(std::string what) {
  if (error_.empty()) {
    error_ = "template: " + std::string(name_) + ":" + std::to_string(line_) + ": " + what;
  }
  return nullptr;
}

std::nullptr_t Parser::Unexpected(const Token& token, std::string_view context) {
  if (token.kind != TokenKind::kError) {
    return Fail("unexpected " + Show(token) + " in " + std::string(context));
  }
  std::string what(token.text);
  if (scope_.action_line != 0 && scope_.action_line != token.line) {
    if (!what.ends_with(" action")) what += " in action";
    what += " started at " + std::string(name_) + ":" + std::to_string(scope_.action_line);
  }
  return Fail(std::move(what));
}

bool Parser::Expect(TokenKind kind, std::string_view context, Token* token) {
  const Token next = NextNonSpace();
  if (token) *token = next;
  if (next.kind == kind) return true;
  Unexpected(next, context);
  return false;
}

Node* Parser::New(NodeKind kind, uint32_t position, std::string_view text) {
  Node* node = heap_.New<Node>();
  node->kind = kind;
  node->position = position;
  node->set_text(text);
  return node;
}

template <class T>
std::span<T> Parser::Keep(std::span<const T> items) {
  auto* kept = static_cast<T*>(heap_.Allocate(items.size() * sizeof(T)));
  std::uninitialized_copy(items.begin(), items.end(), kept);
  return {kept, items.size()};
}

bool Parser::Parse() {
  if (text_.size() > limits_.template_bytes) {
    Fail("the template is larger than the limit of " + std::to_string(limits_.template_bytes) +
         " bytes");
    return false;
  }
  Node* root = New(NodeKind::kList, Peek().position);
  Nodes nodes(&stack_);
  while (Peek().kind != TokenKind::kEnd) {
    if (Peek().kind == TokenKind::kLeftDelimiter) {
      const Token delimiter = Next();
      const Token word = NextNonSpace();
      if (word.kind == TokenKind::kDefine) {
        if (!Define()) return false;
        continue;
      }
      Back(word);
      Back(delimiter);
    }
    Node* node = TextOrAction();
    if (!node) return false;
    if (node->kind == NodeKind::kEnd || node->kind == NodeKind::kElse) {
      Fail("unexpected " + std::string(node->text()));
      return false;
    }
    nodes.push_back(node);
  }
  root->set_items(Keep(nodes));
  return AddDefinition(name_, root);
}

bool Parser::Define() {
  constexpr std::string_view kContext = "define clause";
  const Token token = NextNonSpace();
  std::string_view name;
  Scope outer = std::exchange(scope_, {});
  if (!TemplateName(token, kContext, &name)) return false;
  if (!Expect(TokenKind::kRightDelimiter, kContext)) return false;
  Node* end = nullptr;
  Node* list = List(&end);
  if (!list) return false;
  if (end->kind != NodeKind::kEnd) {
    Fail("unexpected " + std::string(end->text()) + " in " + std::string(kContext));
    return false;
  }
  scope_ = std::move(outer);
  return AddDefinition(name, list);
}

bool Parser::AddDefinition(std::string_view name, const Node* list) {
  const auto [found, added] = index_.try_emplace(name, definitions_.size());
  if (added) {
    definitions_.push_back({name, list});
  } else if (IsEmpty(*definitions_[found->second].list)) {
    definitions_[found->second].list = list;
  } else if (!IsEmpty(*list)) {
    Fail("template: multiple definition of template " + Quote(name));
    return false;
  }
  return true;
}

Node* Parser::List(Node** end) {
  if (++depth_ > limits_.nesting) {
    return Fail("actions are nested deeper than the limit of " + std::to_string(limits_.nesting));
  }
  Node* list = New(NodeKind::kList, PeekNonSpace().position);
  Nodes nodes(&stack_);
  while (PeekNonSpace().kind != TokenKind::kEnd) {
    Node* node = TextOrAction();
    if (!node) return nullptr;
    if (node->kind == NodeKind::kEnd || node->kind == NodeKind::kElse) {
      list->set_items(Keep(nodes));
      *end = node;
      --depth_;
      return list;
    }
    nodes.push_back(node);
  }
  return Fail("unexpected EOF");
}

Node* Parser::TextOrAction() {
  const Token token = NextNonSpace();
  if (token.kind == TokenKind::kText) return New(NodeKind::kText, token.position, token.text);
  if (token.kind != TokenKind::kLeftDelimiter) return Unexpected(token, "input");
  scope_.action_line = token.line;
  Node* node = Action();
  scope_.action_line = 0;
  return node;
}

Node* Parser::Action() {
  const Token token = NextNonSpace();
  switch (token.kind) {
    case TokenKind::kBlock:
      return Block();
    case TokenKind::kBreak:
      return Loop(NodeKind::kBreak, "{{break}}");
    case TokenKind::kContinue:
      return Loop(NodeKind::kContinue, "{{continue}}");
    case TokenKind::kElse:
      return Else();
    case TokenKind::kEndWord:
      if (!Expect(TokenKind::kRightDelimiter, "end")) return nullptr;
      return New(NodeKind::kEnd, token.position, "{{end}}");
    case TokenKind::kIf:
      return Control(NodeKind::kIf, "if");
    case TokenKind::kRange:
      return Control(NodeKind::kRange, "range");
    case TokenKind::kTemplate:
      return Template();
    case TokenKind::kWith:
      return Control(NodeKind::kWith, "with");
    default:
      break;
  }
  Back(token);
  Node* action = New(NodeKind::kAction, token.position);
  Node* pipe = Pipeline("command", TokenKind::kRightDelimiter);
  if (!pipe) return nullptr;
  action->set_items(Keep({pipe}));
  return action;
}

Node* Parser::Loop(NodeKind kind, std::string_view shown) {
  const Token token = NextNonSpace();
  if (token.kind != TokenKind::kRightDelimiter) return Unexpected(token, shown);
  if (scope_.ranges == 0) return Fail(std::string(shown) + " outside {{range}}");
  return New(kind, token.position, shown);
}

// {{else if}} and {{else with}} leave their second word to be read.
Node* Parser::Else() {
  const Token next = PeekNonSpace();
  if (next.kind != TokenKind::kIf && next.kind != TokenKind::kWith &&
      !Expect(TokenKind::kRightDelimiter, "else")) {
    return nullptr;
  }
  return New(NodeKind::kElse, next.position, "{{else}}");
}

// Chains of {{else if}} are read in a loop: they may be long, and are not nested in the text.
Node* Parser::Control(NodeKind kind, std::string_view context) {
  const size_t variables = scope_.variables.size();
  Node* first = nullptr;
  Node* previous = nullptr;  // whose {{else}} this is
  for (;;) {
    Node* pipe = Pipeline(context, TokenKind::kRightDelimiter);
    if (!pipe) return nullptr;
    Node* branch = New(kind, pipe->position);
    scope_.ranges += kind == NodeKind::kRange;
    Node* end = nullptr;
    Node* list = List(&end);
    if (!list) return nullptr;
    scope_.ranges -= kind == NodeKind::kRange;
    branch->set_items(Keep({pipe, list, nullptr}));
    if (!first) first = branch;
    if (previous) {
      Node* otherwise = New(NodeKind::kList, pipe->position);
      otherwise->set_items(Keep({branch}));
      previous->items()[2] = otherwise;
    }
    if (end->kind == NodeKind::kEnd) break;
    const TokenKind again = kind == NodeKind::kIf     ? TokenKind::kIf
                            : kind == NodeKind::kWith ? TokenKind::kWith
                                                      : TokenKind::kError;
    if (Peek().kind == again) {
      Next();
      previous = branch;
      continue;
    }
    Node* otherwise = List(&end);
    if (!otherwise) return nullptr;
    if (end->kind != NodeKind::kEnd) return Fail("expected end; found " + std::string(end->text()));
    branch->items()[2] = otherwise;
    break;
  }
  scope_.variables.Shrink(variables);
  return first;
}

Node* Parser::Block() {
  constexpr std::string_view kContext = "block clause";
  const Token token = NextNonSpace();
  std::string_view name;
  if (!TemplateName(token, kContext, &name)) return nullptr;
  Node* pipe = Pipeline(kContext, TokenKind::kRightDelimiter);
  if (!pipe) return nullptr;

  Scope outer = std::exchange(scope_, {});
  Node* end = nullptr;
  Node* list = List(&end);
  if (!list) return nullptr;
  scope_ = std::move(outer);
  if (end->kind != NodeKind::kEnd) {
    return Fail("unexpected " + std::string(end->text()) + " in " + std::string(kContext));
  }
  if (!AddDefinition(name, list)) return nullptr;
  Node* node = New(NodeKind::kTemplate, token.position, name);
  node->set_items(Keep({pipe}));
  return node;
}

Node* Parser::Template() {
  constexpr std::string_view kContext = "template clause";
  const Token token = NextNonSpace();
  std::string_view name;
  if (!TemplateName(token, kContext, &name)) return nullptr;
  Node* pipe = nullptr;
  const Token next = NextNonSpace();
  if (next.kind != TokenKind::kRightDelimiter) {
    Back(next);
    pipe = Pipeline(kContext, TokenKind::kRightDelimiter);
    if (!pipe) return nullptr;
  }
  Node* node = New(NodeKind::kTemplate, token.position, name);
  node->set_items(Keep({pipe}));
  return node;
}

bool Parser::TemplateName(const Token& token, std::string_view context, std::string_view* name) {
  if (token.kind != TokenKind::kString && token.kind != TokenKind::kRawString) {
    Unexpected(token, context);
    return false;
  }
  const std::optional<std::string> text = Unquote(token.text);
  if (!text) Fail("invalid syntax");
  if (text) *name = heap_.Copy(*text);
  return text.has_value();
}

Node* Parser::Pipeline(std::string_view context, TokenKind end) {
  Node* pipe = New(NodeKind::kPipe, PeekNonSpace().position);
  if (!Declarations(context, pipe)) return nullptr;
  Nodes commands(&stack_);
  for (;;) {
    const Token token = NextNonSpace();
    if (token.kind == end) {
      if (!CheckStages(commands.items(), context)) return nullptr;
      pipe->set_items(Keep(commands));
      nested_declarations_ |= end == TokenKind::kRightParen && !pipe->variables().empty();
      return pipe;
    }
    switch (token.kind) {
      case TokenKind::kBool:
      case TokenKind::kCharConstant:
      case TokenKind::kComplex:
      case TokenKind::kDot:
      case TokenKind::kField:
      case TokenKind::kIdentifier:
      case TokenKind::kNumber:
      case TokenKind::kNil:
      case TokenKind::kRawString:
      case TokenKind::kString:
      case TokenKind::kVariable:
      case TokenKind::kLeftParen: {
        Back(token);
        Node* command = Command();
        if (!command) return nullptr;
        commands.push_back(command);
        break;
      }
      default:
        return Unexpected(token, context);
    }
  }
}

// "$x :=", "$x =", and for range "$i, $x :=". A variable that begins a command is put back.
bool Parser::Declarations(std::string_view context, Node* pipe) {
  Nodes variables(&stack_);
  while (PeekNonSpace().kind == TokenKind::kVariable) {
    const Token variable = Next();
    const Token after = Peek();
    const Token next = PeekNonSpace();
    const bool comma = next.kind == TokenKind::kChar && next.text == ",";
    if (next.kind != TokenKind::kAssign && next.kind != TokenKind::kDeclare && !comma) {
      if (after.kind == TokenKind::kSpace) Back(after);
      Back(variable);
      return true;
    }
    NextNonSpace();
    Node* node = New(NodeKind::kVariable, variable.position, variable.text);
    node->set_names(Keep<std::string_view>({&variable.text, 1}));
    variables.push_back(node);
    pipe->set_variables(Keep(variables));
    scope_.variables.Add(variable.text);
    if (!comma) {
      pipe->flag = next.kind == TokenKind::kAssign;
      return true;
    }
    if (context != "range" || pipe->variables().size() >= 2) {
      Fail("too many declarations in " + std::string(context));
      return false;
    }
    const TokenKind follows = PeekNonSpace().kind;
    if (follows != TokenKind::kVariable && follows != TokenKind::kRightDelimiter &&
        follows != TokenKind::kRightParen) {
      Fail("range can only initialize variables");
      return false;
    }
  }
  return true;
}

bool Parser::CheckStages(std::span<Node* const> commands, std::string_view context) {
  if (commands.empty()) {
    Fail("missing value for " + std::string(context));
    return false;
  }
  for (size_t i = 1; i < commands.size(); ++i) {
    switch (commands[i]->items()[0]->kind) {
      case NodeKind::kBool:
      case NodeKind::kDot:
      case NodeKind::kNil:
      case NodeKind::kNumber:
      case NodeKind::kString:
        Fail("non executable command in pipeline stage " + std::to_string(i + 1));
        return false;
      default:
        break;
    }
  }
  return true;
}

Node* Parser::Command() {
  Node* command = New(NodeKind::kCommand, PeekNonSpace().position);
  Nodes words(&stack_);
  for (;;) {
    PeekNonSpace();
    Node* operand = Operand();
    if (!error_.empty()) return nullptr;
    if (operand) words.push_back(operand);
    const Token token = Next();
    if (token.kind == TokenKind::kSpace) continue;
    if (token.kind == TokenKind::kRightDelimiter || token.kind == TokenKind::kRightParen) {
      Back(token);
    } else if (token.kind != TokenKind::kPipe) {
      return Unexpected(token, "operand");
    }
    break;
  }
  if (words.items().empty()) return Fail("empty command");
  command->set_items(Keep(words));
  return command;
}

// nullptr without an error: the next token begins no operand.
Node* Parser::Operand() {
  Node* term = Term();
  if (!term) return nullptr;
  const bool named = term->kind == NodeKind::kField || term->kind == NodeKind::kVariable;
  if (!named && Peek().kind != TokenKind::kField) return term;
  names_.clear();
  if (named) names_.push_back(term->text());
  const uint32_t position = Peek().kind == TokenKind::kField ? Peek().position : term->position;
  while (Peek().kind == TokenKind::kField) names_.push_back(Next().text.substr(1));
  switch (term->kind) {
    case NodeKind::kField:
    case NodeKind::kVariable:
      term->position = position;
      term->set_names(Keep<std::string_view>(names_));
      return term;
    case NodeKind::kBool:
    case NodeKind::kString:
    case NodeKind::kNumber:
    case NodeKind::kNil:
    case NodeKind::kDot:
      return Fail("unexpected . after term " + Quote(Show(*term)));
    default:
      break;
  }
  Node* chain = New(NodeKind::kChain, position);
  chain->set_items(Keep({term}));
  chain->set_names(Keep<std::string_view>(names_));
  return chain;
}

Node* Parser::Term() {
  const Token token = NextNonSpace();
  switch (token.kind) {
    case TokenKind::kIdentifier:
      if (!functions_.Find(token.text)) {
        return Fail("function " + Quote(token.text) + " not defined");
      }
      return New(NodeKind::kIdentifier, token.position, token.text);
    case TokenKind::kDot:
      return New(NodeKind::kDot, token.position, ".");
    case TokenKind::kNil:
      return New(NodeKind::kNil, token.position, "nil");
    case TokenKind::kVariable:
      return Variable(token);
    case TokenKind::kField:
      return New(NodeKind::kField, token.position, token.text.substr(1));
    case TokenKind::kBool: {
      Node* node = New(NodeKind::kBool, token.position, token.text);
      node->flag = token.text == "true";
      return node;
    }
    case TokenKind::kCharConstant:
    case TokenKind::kComplex:
    case TokenKind::kNumber:
      return NumberTerm(token);
    case TokenKind::kLeftParen: {
      if (++depth_ > limits_.nesting) return Fail("max expression depth exceeded");
      Node* pipe = Pipeline("parenthesized pipeline", TokenKind::kRightParen);
      --depth_;
      return pipe;
    }
    case TokenKind::kString:
    case TokenKind::kRawString: {
      const std::optional<std::string> text = Unquote(token.text);
      if (!text) return Fail("invalid syntax");
      Node* node = New(NodeKind::kString, token.position, token.text);
      const std::string_view inside = token.text.substr(1, token.text.size() - 2);
      node->set_value(*text == inside ? inside : heap_.Copy(*text));
      return node;
    }
    default:
      Back(token);
      return nullptr;
  }
}

Node* Parser::NumberTerm(const Token& token) {
  std::string error;
  const std::optional<Number> number =
      ReadNumber(token.text, token.kind == TokenKind::kCharConstant,
                 token.kind == TokenKind::kComplex, &error);
  if (!number) return Fail(std::move(error));
  Node* node = New(NodeKind::kNumber, token.position, token.text);
  node->set_number(heap_.New<Number>(*number));
  return node;
}

Node* Parser::Variable(const Token& token) {
  if (!scope_.variables.Has(token.text)) {
    return Fail("undefined variable " + Quote(token.text));
  }
  return New(NodeKind::kVariable, token.position, token.text);
}

}  // namespace

core::Result<std::vector<Definition>> ParseTemplate(std::string_view name, std::string_view text,
                                                    const FunctionTable& functions,
                                                    const Limits& limits, Heap* heap) {
  Parser parser(name, text, functions, limits, heap);
  if (!parser.Parse()) return core::Invalid(std::move(parser.error()));
  return parser.Take();
}

}  // namespace headgate::templating::helm
