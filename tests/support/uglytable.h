// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"

#include <QByteArray>

namespace tidemark::test {

/// A table with every thing on it that a replacement could lose, under the worst names PostgreSQL takes, with 3 000 rows over
/// the first 90 days of 2026 (UTC), two in 1990 and one in 2090. Its primary key is "Id"; the range key is "at".
struct UglyTable
{
    /// The SQL that makes it, for a server of this major version. Roles are the cluster's: made where they are missing.
    [[nodiscard]] static QByteArray sql(int major);
    [[nodiscard]] static pg::QualifiedName name();
    [[nodiscard]] static QString schema();
};

} // namespace tidemark::test
