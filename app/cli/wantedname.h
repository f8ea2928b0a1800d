// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/pg/qualifiedname.h"

#include <optional>

namespace tidemark::cli {

/// What a verb's argument names: a relation, in every schema and database that has one of that name, or everything where
/// nothing was named.
class WantedName
{
public:
    /// The verb's only argument. Error: Input where it is no name.
    [[nodiscard]] static Result<WantedName> of(const Context &context);

    [[nodiscard]] bool isGiven() const { return m_name.has_value(); }
    [[nodiscard]] bool fits(const pg::QualifiedName &name) const;
    /// The one relation, where the schema was named too; else empty.
    [[nodiscard]] pg::QualifiedName exact() const;
    /// For messages.
    [[nodiscard]] QString display() const;

private:
    std::optional<pg::QualifiedName> m_name;
};

} // namespace tidemark::cli
