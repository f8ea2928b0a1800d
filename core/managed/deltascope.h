// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QJsonObject>
#include <QStringList>

#include <optional>
#include <vector>

namespace tidemark::managed {

/// Which rows a refresh brings up to date. A value.
struct DeltaScope
{
    enum class Mode {
        Full,
        Range, ///< those with `column` from (included) to (excluded)
        Keys,  ///< those whose `columns` have one of these values
    } mode = Mode::Full;

    QString column;
    std::optional<QString> from; ///< as text of the column's type; nothing: without that bound
    std::optional<QString> to;

    QStringList columns; ///< any; those of the key, or some of them, are the cheapest
    /// As text of the columns' types, in their order; nothing for NULL.
    std::vector<std::vector<std::optional<QString>>> values;

    [[nodiscard]] static DeltaScope full() { return {}; }
    [[nodiscard]] static DeltaScope range(const QString &column, const std::optional<QString> &from,
                                          const std::optional<QString> &to);
    [[nodiscard]] static DeltaScope keys(const QStringList &columns,
                                         const std::vector<std::vector<std::optional<QString>>> &values);

    /// The columns that decide whether a row belongs to it.
    [[nodiscard]] QStringList decisive() const;
    /// For the history: bounds, or columns and how many values.
    [[nodiscard]] QJsonObject toJson() const;
    /// For people: "in full", "valid_after from 2024-01-01", "12 values of unit_type, unit_id"
    [[nodiscard]] QString text() const;
    friend bool operator==(const DeltaScope &, const DeltaScope &) = default;
};

/// "full", "range", "keys"
[[nodiscard]] QString modeWord(DeltaScope::Mode mode);

} // namespace tidemark::managed
