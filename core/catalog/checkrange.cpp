// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/catalog/partitionbound.h"

#include <limits>
#include <vector>

namespace tidemark {

namespace {

struct Token
{
    enum class Kind { Open, Close, Operator, Word, Name, String, Number, Cast, End, Unknown } kind = Kind::End;
    QString text;
};

std::vector<Token> tokenize(const QString &text)
{
    std::vector<Token> tokens;
    qsizetype i = 0;
    const auto takeQuoted = [&](QChar quote) {
        QString value;
        for (++i; i < text.size(); ++i) {
            if (text.at(i) == quote) {
                if (i + 1 >= text.size() || text.at(i + 1) != quote)
                    break;
                ++i;
            }
            value += text.at(i);
        }
        ++i;
        return value;
    };
    const auto takeWhile = [&](auto belongs) {
        const qsizetype start = i;
        while (i < text.size() && belongs(text.at(i)))
            ++i;
        return text.mid(start, i - start);
    };
    while (i < text.size()) {
        const QChar c = text.at(i);
        if (c.isSpace()) {
            ++i;
        } else if (c == QLatin1Char('(') || c == QLatin1Char(')')) {
            tokens.push_back({c == QLatin1Char('(') ? Token::Kind::Open : Token::Kind::Close, QString(c)});
            ++i;
        } else if (c == QLatin1Char('\'')) {
            tokens.push_back({Token::Kind::String, takeQuoted(c)});
        } else if (c == QLatin1Char('"')) {
            tokens.push_back({Token::Kind::Name, takeQuoted(c)});
        } else if (c.isDigit()) {
            tokens.push_back(
                {Token::Kind::Number, takeWhile([](QChar d) { return d.isDigit() || d == QLatin1Char('.'); })});
        } else if (c.isLetter() || c == QLatin1Char('_')) {
            tokens.push_back({Token::Kind::Word, takeWhile([](QChar d) {
                                  return d.isLetterOrNumber() || d == QLatin1Char('_') || d == QLatin1Char('$');
                              })});
        } else if (text.mid(i, 2) == QLatin1String("::")) {
            tokens.push_back({Token::Kind::Cast, QStringLiteral("::")});
            i += 2;
        } else if (QStringLiteral("<>=").contains(c)) {
            tokens.push_back(
                {Token::Kind::Operator, takeWhile([](QChar d) { return QStringLiteral("<>=").contains(d); })});
        } else {
            tokens.push_back({Token::Kind::Unknown, QString(c)});
            ++i;
        }
    }
    tokens.push_back({});
    return tokens;
}

struct Constant
{
    QString text;
    QString type; ///< as format_type prints it; empty for a bare number
};

BoundUnit unitOf(const Constant &constant)
{
    if (constant.type.startsWith(QLatin1String("timestamp")) || constant.type == QLatin1String("date"))
        return BoundUnit::Time;
    static const QStringList integers{QString(), QStringLiteral("smallint"), QStringLiteral("integer"),
                                      QStringLiteral("bigint")};
    return integers.contains(constant.type) ? BoundUnit::Integer : BoundUnit::Text;
}

/// A place on the axis as PostgreSQL would print it for this type.
QString printed(qint64 axis, const Constant &like, BoundUnit unit)
{
    const QString text = axisText(axis, unit);
    if (like.type == QLatin1String("date"))
        return text.left(text.indexOf(QLatin1Char(' ')));
    return like.type.contains(QLatin1String("without")) ? text.chopped(3) : text;
}

/// expression := term { AND term };  term := "(" expression ")" | column operator constant
class CheckParser
{
public:
    explicit CheckParser(const QString &text)
        : m_tokens(tokenize(text))
    {
    }

    std::optional<CheckRange> parse()
    {
        if (!expression() || current().kind != Token::Kind::End || m_range.column.isEmpty())
            return std::nullopt;
        if (!m_hasFrom)
            m_range.from = {Bound::Kind::MinValue, QStringLiteral("MINVALUE"), {}};
        if (!m_hasTo)
            m_range.to = {Bound::Kind::MaxValue, QStringLiteral("MAXVALUE"), {}};
        return m_range;
    }

private:
    [[nodiscard]] const Token &current() const { return m_tokens[m_at]; }

    bool take(Token::Kind kind)
    {
        if (current().kind != kind)
            return false;
        ++m_at;
        return true;
    }

    bool expression()
    {
        if (!term())
            return false;
        while (current().kind == Token::Kind::Word && current().text == QLatin1String("AND")) {
            ++m_at;
            if (!term())
                return false;
        }
        return true;
    }

    bool term()
    {
        if (take(Token::Kind::Open))
            return expression() && take(Token::Kind::Close);
        return comparison();
    }

    bool comparison()
    {
        if (current().kind != Token::Kind::Word && current().kind != Token::Kind::Name)
            return false;
        const QString column = m_tokens[m_at++].text;
        if (current().kind != Token::Kind::Operator)
            return false;
        const QString sign = m_tokens[m_at++].text;
        const auto constant = value();
        return constant && apply(column, sign, *constant);
    }

    std::optional<Constant> value()
    {
        Constant constant;
        if (take(Token::Kind::Open)) {
            const auto inner = value();
            if (!inner || !take(Token::Kind::Close))
                return std::nullopt;
            constant = *inner;
        } else if (current().kind == Token::Kind::String || current().kind == Token::Kind::Number) {
            constant.text = m_tokens[m_at++].text;
        } else {
            return std::nullopt;
        }
        if (take(Token::Kind::Cast)) {
            constant.type.clear();
            while (current().kind == Token::Kind::Word && current().text != QLatin1String("AND")) {
                if (!constant.type.isEmpty())
                    constant.type += QLatin1Char(' ');
                constant.type += m_tokens[m_at++].text;
                if (current().kind == Token::Kind::Open) { // the precision in timestamp(3) with time zone
                    ++m_at;
                    if (!take(Token::Kind::Number) || !take(Token::Kind::Close))
                        return std::nullopt;
                }
            }
        }
        return constant;
    }

    bool apply(const QString &column, const QString &sign, const Constant &constant)
    {
        const BoundUnit unit = unitOf(constant);
        if (!m_range.column.isEmpty() && (m_range.column != column || m_range.unit != unit))
            return false;
        m_range.column = column;
        m_range.unit = unit;

        const Bound here = boundOfValue(constant.text, unit);
        if (sign == QLatin1String(">="))
            return raiseFrom(here);
        if (sign == QLatin1String("<"))
            return lowerTo(here);
        const auto next = after(here, constant, unit);
        if (!next)
            return false;
        if (sign == QLatin1String(">"))
            return raiseFrom(*next);
        if (sign == QLatin1String("<="))
            return lowerTo(*next);
        return sign == QLatin1String("=") && raiseFrom(here) && lowerTo(*next);
    }

    static std::optional<Bound> after(const Bound &bound, const Constant &like, BoundUnit unit)
    {
        if (!bound.axis || *bound.axis == std::numeric_limits<qint64>::max())
            return std::nullopt;
        constexpr qint64 day = 86'400'000'000LL;
        const qint64 step = like.type == QLatin1String("date") ? day : 1;
        const qint64 axis = *bound.axis + step;
        return Bound{Bound::Kind::Value, printed(axis, like, unit), axis};
    }

    bool raiseFrom(const Bound &bound)
    {
        if (!m_hasFrom || (bound.axis && m_range.from.axis && *bound.axis > *m_range.from.axis))
            m_range.from = bound;
        m_hasFrom = true;
        return true;
    }

    bool lowerTo(const Bound &bound)
    {
        if (!m_hasTo || (bound.axis && m_range.to.axis && *bound.axis < *m_range.to.axis))
            m_range.to = bound;
        m_hasTo = true;
        return true;
    }

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    CheckRange m_range;
    bool m_hasFrom = false;
    bool m_hasTo = false;
};

} // namespace

std::optional<CheckRange> parseCheck(const QString &expression)
{
    return CheckParser(expression).parse();
}

} // namespace tidemark
