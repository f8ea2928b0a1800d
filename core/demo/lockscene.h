// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/session.h"

#include <span>

namespace tidemark::demo {

/// One backend's part in a scene: when it enters, what it runs, how long it stays in its transaction, how it leaves.
struct ScenePart
{
    QString application;
    Millis enters{0};     ///< after the scene began
    QByteArray statement; ///< runs inside BEGIN; may have to wait for another part
    double stays = 0;     ///< idle in transaction for this share of the scene's length
    QByteArray ending = "ROLLBACK";
    QByteArray afterwards = {}; ///< runs a scene's length after the ending, outside a transaction
};

/// A situation in which backends wait for each other, as it happens in the field. Scenes change nothing: every part rolls back.
struct LockScene
{
    QString name;
    QString database;
    std::vector<ScenePart> parts;
};

[[nodiscard]] std::span<const LockScene> lockScenes();
/// Nothing for a name that is not there.
[[nodiscard]] const LockScene *lockScene(const QString &name);

/// Plays a scene against the database and returns when all parts have left, about `length` after it began, at the latest
/// a few seconds later; earlier when stopped. Blocks; opens a session and a thread a part.
[[nodiscard]] Status playScene(const LockScene &scene, const pg::ConnInfo &connInfo, Millis length,
                               std::stop_token stop);

/// Ends prepared transactions that a killed scene left behind in the database.
[[nodiscard]] Status sweepPreparedTransactions(const pg::ConnInfo &connInfo, std::stop_token stop);

} // namespace tidemark::demo
