// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/instant.h"

#include <QLabel>

#include <optional>

namespace tidemark::ui {

/// "3 s ago", kept current by whoever turns the clock; the absolute time in the tool tip.
class AgeLabel : public QLabel
{
    Q_OBJECT

public:
    explicit AgeLabel(QWidget *parent = nullptr);
    void setTime(std::optional<Instant> at, Instant now);
};

/// Local time with its zone, for tool tips and details: "2026-03-01 13:00:00.12 CET".
[[nodiscard]] QString absoluteTime(Instant at);

} // namespace tidemark::ui
