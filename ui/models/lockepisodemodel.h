// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/history.h"
#include "ui/models/snapshotmodel.h"

#include <tuple>

namespace tidemark::ui {

/// A lock wait of the history and the server it was on.
struct EpisodeRow
{
    QString server;
    LockEpisode episode;
    friend bool operator==(const EpisodeRow &a, const EpisodeRow &b)
    {
        return a.server == b.server && a.episode.id == b.episode.id && a.episode.lastSeenAt == b.episode.lastSeenAt
               && a.episode.ended == b.episode.ended;
    }
};

using EpisodeKey = std::tuple<QString, qint64>;

/// Earlier lock waits: who waited how long for what behind whom.
class LockEpisodeModel : public SnapshotModel<EpisodeRow, EpisodeKey>
{
public:
    explicit LockEpisodeModel(QObject *parent = nullptr);
};

} // namespace tidemark::ui
