// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QByteArray>
#include <QString>

#include <optional>
#include <vector>

namespace tidemark::pg {

/// One value for a $n placeholder in text form, or NULL. Implicit on purpose: `session.exec(sql, {name, 42, nullptr})`.
class Param
{
public:
    // clang-format off
    Param(std::nullptr_t) {}                                                        // NOLINT(google-explicit-constructor)
    Param(const QString &text) : m_value(text.toUtf8()) {}                          // NOLINT(google-explicit-constructor)
    Param(const QByteArray &utf8) : m_value(utf8) {}                                // NOLINT(google-explicit-constructor)
    Param(int value) : m_value(QByteArray::number(value)) {}                        // NOLINT(google-explicit-constructor)
    Param(qint64 value) : m_value(QByteArray::number(value)) {}                     // NOLINT(google-explicit-constructor)
    Param(quint32 value) : m_value(QByteArray::number(value)) {}                    // NOLINT(google-explicit-constructor)
    Param(double value) : m_value(QByteArray::number(value, 'g', 17)) {}            // NOLINT(google-explicit-constructor)
    Param(bool value) : m_value(value ? "t" : "f") {}                               // NOLINT(google-explicit-constructor)
    Param(Instant value) : m_value(toPostgres(value).toUtf8()) {}                   // NOLINT(google-explicit-constructor)
    // clang-format on
    Param(const char *) = delete;

    /// An array literal for `= ANY($1)`: {1,2,3}.
    template<typename Integer>
    static Param array(const std::vector<Integer> &values)
    {
        QByteArray literal = "{";
        for (const Integer value : values) {
            if (literal.size() > 1)
                literal += ',';
            literal += QByteArray::number(value);
        }
        return Param(QByteArray(literal + '}'));
    }

    [[nodiscard]] const std::optional<QByteArray> &value() const { return m_value; }

private:
    std::optional<QByteArray> m_value;
};

using Params = std::vector<Param>;

} // namespace tidemark::pg
