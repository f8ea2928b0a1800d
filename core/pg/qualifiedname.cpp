// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/qualifiedname.h"

#include <QRegularExpression>

namespace tidemark::pg {

namespace {

// A plain lower-case identifier reads well without quotes. Keywords that would need them in SQL are left bare here:
// this is for eyes, quoted() is for the server.
QString displayPart(const QString &name)
{
    static const QRegularExpression plain(QStringLiteral("^[a-z_][a-z0-9_$]*\\z"));
    return plain.match(name).hasMatch() ? name : quoteIdentifier(name);
}

// PostgreSQL folds what is not quoted to lower case, in UTF-8 the ASCII letters alone (downcase_identifier).
QString folded(QString name)
{
    for (QChar &character : name) {
        if (character >= QLatin1Char('A') && character <= QLatin1Char('Z'))
            character = character.toLower();
    }
    return name;
}

} // namespace

QString quoteIdentifier(const QString &name)
{
    QString doubled = name;
    doubled.replace(QLatin1Char('"'), QLatin1String("\"\""));
    return QLatin1Char('"') + doubled + QLatin1Char('"');
}

QString quoteLiteral(const QString &text)
{
    QString doubled = text;
    doubled.replace(QLatin1Char('\''), QLatin1String("''"));
    if (!doubled.contains(QLatin1Char('\\')))
        return QLatin1Char('\'') + doubled + QLatin1Char('\'');
    doubled.replace(QLatin1Char('\\'), QLatin1String("\\\\"));
    return QStringLiteral("E'") + doubled + QLatin1Char('\'');
}

QString QualifiedName::quoted() const
{
    return schema.isEmpty() ? quoteIdentifier(name)
                            : quoteIdentifier(schema) + QLatin1Char('.') + quoteIdentifier(name);
}

QString QualifiedName::display() const
{
    return schema.isEmpty() ? displayPart(name) : displayPart(schema) + QLatin1Char('.') + displayPart(name);
}

std::optional<QualifiedName> QualifiedName::parse(const QString &text)
{
    static const QRegularExpression part(QStringLiteral(R"re("((?:[^"]|"")+)"|([^\s".]+))re"));
    QStringList parts;
    qsizetype at = 0;
    while (true) {
        const auto match = part.match(text, at, QRegularExpression::NormalMatch,
                                      QRegularExpression::AnchorAtOffsetMatchOption);
        if (!match.hasMatch() || parts.size() == 2)
            return std::nullopt;
        QString name = match.captured(1);
        if (name.isEmpty())
            name = folded(match.captured(2));
        else
            name.replace(QLatin1String("\"\""), QLatin1String("\""));
        parts << name;
        at = match.capturedEnd();
        if (at == text.size())
            break;
        if (text.at(at) != QLatin1Char('.'))
            return std::nullopt;
        ++at;
    }
    return parts.size() == 1 ? QualifiedName{{}, parts.first()} : QualifiedName{parts.at(0), parts.at(1)};
}

} // namespace tidemark::pg
