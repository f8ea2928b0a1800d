// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/resultset.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <concepts>

namespace tidemark {

/// Values that list their fields once and are read from a row, kept as JSON and compared from that one list:
///
///     template<typename Self, typename Visit>
///     static void fields(Self &self, Visit &&visit) { visit("name", self.name); visit("columns", self.columns); }
///
/// A field is a QString, bool, int, qint64, quint32, optional<qint64>, QStringList, vector<quint32>, another such value or a vector of
/// them. In a row the column has the field's name; another value is a json column. Pure.
namespace fields {

template<typename T>
concept Described = requires(T &value)
{
    T::fields(value, [](const char *, auto &) {});
};

// The two that call each other are found by name only where they are declared first.
template<Described T>
QJsonValue toJson(const T &value);
template<Described T>
void fromJson(const QJsonValue &json, T &value);
template<typename T>
void fromJson(const QJsonValue &json, std::vector<T> &values);

inline QJsonValue toJson(const QString &value)
{
    return value;
}
inline QJsonValue toJson(bool value)
{
    return value;
}
inline QJsonValue toJson(int value)
{
    return value;
}
inline QJsonValue toJson(qint64 value)
{
    return value;
}
inline QJsonValue toJson(quint32 value)
{
    return static_cast<qint64>(value);
}
inline QJsonValue toJson(const std::optional<qint64> &value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}
inline QJsonValue toJson(const QStringList &value)
{
    return QJsonArray::fromStringList(value);
}

template<typename T>
QJsonValue toJson(const std::vector<T> &values)
{
    QJsonArray array;
    for (const T &value : values)
        array.append(toJson(value));
    return array;
}

template<Described T>
QJsonValue toJson(const T &value)
{
    QJsonObject object;
    T::fields(value, [&](const char *name, const auto &field) { object.insert(QLatin1String(name), toJson(field)); });
    return object;
}

inline void fromJson(const QJsonValue &json, QString &value)
{
    value = json.toString();
}
inline void fromJson(const QJsonValue &json, bool &value)
{
    value = json.toBool();
}
inline void fromJson(const QJsonValue &json, int &value)
{
    value = json.toInt();
}
inline void fromJson(const QJsonValue &json, qint64 &value)
{
    value = json.toInteger();
}
inline void fromJson(const QJsonValue &json, quint32 &value)
{
    value = static_cast<quint32>(json.toInteger());
}
inline void fromJson(const QJsonValue &json, std::optional<qint64> &value)
{
    value = json.isDouble() ? std::optional(json.toInteger()) : std::nullopt;
}
inline void fromJson(const QJsonValue &json, QStringList &value)
{
    value.clear();
    for (const auto element : json.toArray())
        value << element.toString();
}

template<Described T>
void fromJson(const QJsonValue &json, T &value)
{
    const QJsonObject object = json.toObject();
    T::fields(value, [&](const char *name, auto &field) { fromJson(object.value(QLatin1String(name)), field); });
}

template<typename T>
void fromJson(const QJsonValue &json, std::vector<T> &values)
{
    values.clear();
    for (const auto element : json.toArray())
        fromJson(element, values.emplace_back());
}

/// Fills the fields whose columns the result has; the others keep what they were.
template<Described T>
T fromRow(const pg::ResultSet &rows, int row)
{
    T value;
    const auto read = [&](const char *name, auto &field) {
        using Field = std::remove_cvref_t<decltype(field)>;
        pg::ResultSet::Column column = 0;
        while (column < rows.columnCount() && rows.columnName(column) != name)
            ++column;
        if (column == rows.columnCount())
            return;
        if constexpr (std::same_as<Field, QString>)
            field = rows.text(row, column);
        else if constexpr (std::same_as<Field, bool>)
            field = rows.boolean(row, column);
        else if constexpr (std::same_as<Field, int>)
            field = rows.int32(row, column);
        else if constexpr (std::same_as<Field, qint64>)
            field = rows.int64(row, column);
        else if constexpr (std::same_as<Field, quint32>)
            field = rows.oid(row, column);
        else if constexpr (std::same_as<Field, std::optional<qint64>>)
            field = rows.optionalInt64(row, column);
        else if constexpr (std::same_as<Field, QStringList>)
            field = rows.texts(row, column);
        else if constexpr (std::same_as<Field, std::vector<quint32>>) {
            for (const qint64 number : rows.int64s(row, column))
                field.push_back(static_cast<quint32>(number));
        } else {
            const QJsonDocument json = QJsonDocument::fromJson(rows.bytes(row, column));
            if constexpr (Described<Field>)
                fromJson(QJsonValue(json.object()), field);
            else
                fromJson(QJsonValue(json.array()), field);
        }
    };
    T::fields(value, read);
    return value;
}

} // namespace fields

} // namespace tidemark
