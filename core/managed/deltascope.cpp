// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/managed/deltascope.h"

#include "core/base/units.h"
#include "core/base/words.h"

#include <QJsonArray>

#include <array>

namespace tidemark::managed {

namespace {

using Mode = DeltaScope::Mode;

constexpr std::array modes{Word{Mode::Full, "full"}, Word{Mode::Range, "range"}, Word{Mode::Keys, "keys"}};

QJsonValue orNull(const std::optional<QString> &value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}

} // namespace

DeltaScope DeltaScope::range(const QString &column, const std::optional<QString> &from,
                             const std::optional<QString> &to)
{
    DeltaScope scope;
    scope.mode = Mode::Range;
    scope.column = column;
    scope.from = from;
    scope.to = to;
    return scope;
}

DeltaScope DeltaScope::keys(const QStringList &columns, const std::vector<std::vector<std::optional<QString>>> &values)
{
    DeltaScope scope;
    scope.mode = Mode::Keys;
    scope.columns = columns;
    scope.values = values;
    return scope;
}

QStringList DeltaScope::decisive() const
{
    switch (mode) {
    case Mode::Full:
        break;
    case Mode::Range:
        return {column};
    case Mode::Keys:
        return columns;
    }
    return {};
}

QJsonObject DeltaScope::toJson() const
{
    switch (mode) {
    case Mode::Full:
        break;
    case Mode::Range:
        return {{QStringLiteral("column"), column},
                {QStringLiteral("from"), orNull(from)},
                {QStringLiteral("to"), orNull(to)}};
    case Mode::Keys:
        return {{QStringLiteral("columns"), QJsonArray::fromStringList(columns)},
                {QStringLiteral("values"), static_cast<qint64>(values.size())}};
    }
    return {};
}

QString DeltaScope::text() const
{
    switch (mode) {
    case Mode::Full:
        break;
    case Mode::Range: {
        QString text = column;
        if (from)
            text += QStringLiteral(" from ") + *from;
        if (to)
            text += QStringLiteral(" to ") + *to;
        return text;
    }
    case Mode::Keys:
        return QStringLiteral("%1 values of %2")
            .arg(units::count(static_cast<qint64>(values.size())), columns.join(QStringLiteral(", ")));
    }
    return QStringLiteral("in full");
}

QString modeWord(DeltaScope::Mode mode)
{
    return wordOf(modes, mode);
}

} // namespace tidemark::managed
