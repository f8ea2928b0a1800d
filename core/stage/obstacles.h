// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stage/shadowspec.h"

namespace tidemark::stage {

/// Something of the table that its successor cannot have as it is.
struct Obstacle
{
    enum class Gravity {
        Refused, ///< the migration cannot be done this way
        Loses,   ///< it can, without this thing: to be waived by name
        Changes, ///< it can, and this thing will mean something else: to be known
    } gravity = Gravity::Refused;
    QString object; ///< "index plays_at_excl": what a waiver names
    QString why;
    QString wayOut;
    friend bool operator==(const Obstacle &, const Obstacle &) = default;
};

/// What stands in the way of replacing this table by one of that shape, the gravest first. It says what the SQL of this folder
/// leaves out, so that nothing is left out in silence. Pure.
[[nodiscard]] std::vector<Obstacle> findObstacles(const TableInventory &source, const ShadowSpec &spec);

} // namespace tidemark::stage
