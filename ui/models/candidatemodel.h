// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/catalog/tablecandidates.h"
#include "ui/models/snapshotmodel.h"

namespace tidemark::ui {

/// The tables of one database that a change may be asked for. GUI thread only.
class CandidateModel final : public SnapshotModel<TableCandidate, quint32>
{
    Q_OBJECT

public:
    explicit CandidateModel(QObject *parent = nullptr);
};

/// Something that planning found out, good or bad.
struct CheckRow
{
    int number = 0; ///< the order in which they are shown
    Severity severity = Severity::Ok;
    QString verdict; ///< "Refused", "Would be lost"
    QString what;
    QString why;
    QString wayOut;
    QString waiver; ///< what to accept to go on; empty where nothing can be
    bool isWaived = false;
    friend bool operator==(const CheckRow &, const CheckRow &) = default;
};

/// The rows of the wizard's checks. GUI thread only.
class CheckModel final : public SnapshotModel<CheckRow, int>
{
    Q_OBJECT

public:
    explicit CheckModel(QObject *parent = nullptr);
};

} // namespace tidemark::ui
