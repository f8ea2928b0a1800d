// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/qualifiedname.h"

#include <QStringList>

namespace tidemark::stage {

/// Keeps writers with an old snapshot off a table that was swapped in.
///
/// A REPEATABLE READ transaction takes its snapshot before it waits for the lock of its first statement. When that lock is
/// the swap's, it goes on with the new table and the old snapshot, which does not see what was reconciled last: its UPDATE
/// would find no row and say nothing. The swap leaves a row in a table of the fence; who cannot see that row has such a
/// snapshot, and its statement fails as any other lost race does: 40001, which such clients retry.
///
/// Readers have no triggers: see SwapAction for what is done about them.
class SnapshotFence
{
public:
    /// `name` is unlike any other in schema tidemark: "stage_4711".
    explicit SnapshotFence(const QString &name);

    /// Touches nothing of anybody else.
    [[nodiscard]] QStringList install() const;
    /// In the swap's transaction, on the table that comes in. `always`: for replicated writes too, which TimescaleDB refuses
    /// of hypertables.
    [[nodiscard]] QStringList close(const pg::QualifiedName &table, bool always) const;
    /// ACCESS EXCLUSIVE on the table. No error where it is not closed.
    [[nodiscard]] QString open(const pg::QualifiedName &table) const;
    [[nodiscard]] QStringList uninstall() const;

private:
    QString m_trigger;
    pg::QualifiedName m_function;
    pg::QualifiedName m_mark;
};

} // namespace tidemark::stage
