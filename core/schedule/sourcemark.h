// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"
#include "core/pg/session.h"

namespace tidemark::schedule {

/// What the server has counted of changes in some relations and all partitions below them, as one text: where it is the same
/// as before, nothing has changed that was committed long enough ago to be counted. TRUNCATE and rewriting are seen by the file.
/// Taken before a refresh it can only bring one refresh too many, never one too few.
[[nodiscard]] Result<QString> sourceMark(pg::Session &session, const std::vector<pg::QualifiedName> &relations,
                                         std::stop_token stop = {});

} // namespace tidemark::schedule
