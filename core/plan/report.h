// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plan/run.h"

namespace tidemark {

/// What a run did, as evidence for others: rendered from its journal and from nothing else. A value.
struct RunReport
{
    /// All of it: "run", "plan", "settings", "steps", "events", "server" and "digest".
    QJsonObject evidence;
    QString digest; ///< SHA-256 of the evidence without it: two reports of the same state have the same

    /// One page for a browser or a printer, all in one file, with the SQL exactly as it ran.
    [[nodiscard]] QString html() const;
    [[nodiscard]] QByteArray json() const;
};

/// Errors: those of readRun().
[[nodiscard]] Result<RunReport> reportOfRun(pg::Session &session, qint64 id, std::stop_token stop = {});

/// Writes into the run's journal that the session's role signs it off; the report shows it. Error: Input while the run is not
/// over.
[[nodiscard]] Status signOffRun(pg::Session &session, qint64 id, const QString &words);

} // namespace tidemark
