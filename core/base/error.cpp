// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>

namespace tidemark {

namespace {

struct SqlStateKind
{
    const char *prefix; // a whole code or a class of two characters; the first that fits wins
    ErrorKind kind;
};

// Appendix A of PostgreSQL's documentation, whole codes before their class.
constexpr std::array sqlStateKinds{
    SqlStateKind{"40003", ErrorKind::InDoubt},     SqlStateKind{"55P03", ErrorKind::LockTimeout},
    SqlStateKind{"57014", ErrorKind::Cancelled},   SqlStateKind{"42501", ErrorKind::Permission},
    SqlStateKind{"28", ErrorKind::Authentication}, SqlStateKind{"08", ErrorKind::Connection},
    SqlStateKind{"57P", ErrorKind::Connection},    SqlStateKind{"53300", ErrorKind::Connection},
    SqlStateKind{"40", ErrorKind::Conflict},       SqlStateKind{"23", ErrorKind::Constraint},
    SqlStateKind{"44", ErrorKind::Constraint},     SqlStateKind{"0A", ErrorKind::Unsupported},
    SqlStateKind{"25006", ErrorKind::Safety},      SqlStateKind{"42P01", ErrorKind::Missing},
    SqlStateKind{"42703", ErrorKind::Missing},     SqlStateKind{"42704", ErrorKind::Missing},
    SqlStateKind{"42883", ErrorKind::Missing},     SqlStateKind{"3D000", ErrorKind::Missing},
    SqlStateKind{"3F000", ErrorKind::Missing},
};

Error make(ErrorKind kind, const QString &message, const QString &hint)
{
    Error error;
    error.kind = kind;
    error.message = message;
    error.hint = hint;
    return error;
}

} // namespace

Error Error::within(const QString &phrase) const
{
    Error outer = *this;
    outer.context = context.isEmpty() ? phrase : phrase + QStringLiteral(": ") + context;
    return outer;
}

QString Error::summary() const
{
    return oneLine(context.isEmpty() ? message : context + QStringLiteral(": ") + message);
}

QString oneLine(const QString &text)
{
    static const QRegularExpression breaks(QStringLiteral("\\s*[\\n\\r\\v\\f\\x{85}\\x{2028}\\x{2029}]\\s*"));
    return QString(text.trimmed()).replace(breaks, QStringLiteral("; "));
}

Error Error::input(const QString &message, const QString &hint)
{
    return make(ErrorKind::Input, message, hint);
}

Error Error::local(const QString &message, const QString &hint)
{
    return make(ErrorKind::Local, message, hint);
}

Error Error::missing(const QString &message, const QString &hint)
{
    return make(ErrorKind::Missing, message, hint);
}

Error Error::safety(const QString &message, const QString &hint)
{
    return make(ErrorKind::Safety, message, hint);
}

Error Error::cancelled()
{
    return make(ErrorKind::Cancelled, QStringLiteral("stopped on request"), {});
}

Error Error::internal(const QString &message)
{
    return make(ErrorKind::Internal, message, {});
}

ErrorKind errorKindOfSqlState(const QByteArray &sqlState)
{
    const auto found = std::find_if(sqlStateKinds.begin(), sqlStateKinds.end(),
                                    [&](const SqlStateKind &entry) { return sqlState.startsWith(entry.prefix); });
    return found == sqlStateKinds.end() ? ErrorKind::Internal : found->kind;
}

QString errorKindName(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Connection:
        return QStringLiteral("connection");
    case ErrorKind::Authentication:
        return QStringLiteral("authentication");
    case ErrorKind::Permission:
        return QStringLiteral("permission");
    case ErrorKind::Timeout:
        return QStringLiteral("timeout");
    case ErrorKind::LockTimeout:
        return QStringLiteral("lock_timeout");
    case ErrorKind::Cancelled:
        return QStringLiteral("cancelled");
    case ErrorKind::Conflict:
        return QStringLiteral("conflict");
    case ErrorKind::Constraint:
        return QStringLiteral("constraint");
    case ErrorKind::Missing:
        return QStringLiteral("missing");
    case ErrorKind::Unsupported:
        return QStringLiteral("unsupported");
    case ErrorKind::InDoubt:
        return QStringLiteral("in_doubt");
    case ErrorKind::Safety:
        return QStringLiteral("safety");
    case ErrorKind::Input:
        return QStringLiteral("input");
    case ErrorKind::Local:
        return QStringLiteral("local");
    case ErrorKind::Internal:
        break;
    }
    return QStringLiteral("internal");
}

} // namespace tidemark
