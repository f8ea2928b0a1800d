// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace tidemark::ui {

/// Where the window keeps how it was left, as text by key. Reading is quick: it happens once, at the start.
class Settings
{
public:
    virtual ~Settings() = default;
    [[nodiscard]] virtual QString value(const QString &key) const = 0;
    virtual void setValue(const QString &key, const QString &value) = 0;
};

} // namespace tidemark::ui
