// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/capture/capturespec.h"
#include "core/pg/session.h"

namespace tidemark {

/// A column that holds data of its own, as reconcile and proof need it.
struct RowColumn
{
    QString name;
    bool notNull = false;
    /// Its hash tells apart whatever differs in a byte. False for numeric, float, jsonb, arrays …
    bool hashIsExact = false;
    KeyColumn asKey; ///< with an empty equality where its type has no order
    friend bool operator==(const RowColumn &, const RowColumn &) = default;
};

/// What a capture of this table looks like: the primary key, else the shortest unique key whose columns are all NOT NULL;
/// of a partitioned table its partitions; row triggers where statement triggers would miss changes.
///
/// `keyColumns` chooses another key by its columns' names, in that order; that they are unique together is the caller's word.
/// Errors: Missing (no such table), Unsupported (no key; a view, foreign table or parent of inherited tables), Input (the
/// name is too long, or a chosen column has no order or may be NULL).
[[nodiscard]] Result<CaptureSpec> readCaptureSpec(pg::Session &session, const pg::QualifiedName &source,
                                                  const QString &name, const QStringList &keyColumns = {},
                                                  const pg::CallOptions &call = {});

/// The columns of a table in their order, generated ones left out.
[[nodiscard]] Result<std::vector<RowColumn>> readRowColumns(pg::Session &session, const pg::QualifiedName &table,
                                                            const pg::CallOptions &call = {});
[[nodiscard]] QStringList namesOf(const std::vector<RowColumn> &columns);

/// What of a capture is there.
struct CaptureProbe
{
    bool hasLog = false;
    bool hasFunctions = false;
    bool isEnabled = false; ///< every watched relation that still exists has all its triggers, firing as they should
    /// Partitions without all of them: attached after the capture was enabled. Their direct writers go unseen.
    std::vector<pg::QualifiedName> unwatched;

    [[nodiscard]] bool isInstalled() const { return hasLog && hasFunctions; }
};
[[nodiscard]] Result<CaptureProbe> probeCapture(pg::Session &session, const CaptureSpec &spec,
                                                const pg::CallOptions &call = {});

} // namespace tidemark
