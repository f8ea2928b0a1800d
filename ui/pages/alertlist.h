// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "ui/models/alertmodel.h"
#include "ui/pages/pagecontext.h"
#include "ui/services/asyncrunner.h"
#include "ui/widgets/datatable.h"

namespace tidemark::ui {

class DetailPanel;

/// The alerts that stand and those of the last day, as a table. Read from the local store off the GUI thread.
class AlertList : public DataTable
{
    Q_OBJECT

public:
    AlertList(const PageContext &context, QWidget *parent);

    /// Reads again, where the last reading is not of just now.
    void read(const Snapshots &snapshots, const Scope &scope, const Moments &moments);
    void setMoments(const Moments &moments) { m_model->setMoments(moments); }
    /// The newest is selected, now or when they are read.
    void selectNewest();
    void describe(DetailPanel &panel, const QModelIndex &source) const;
    [[nodiscard]] bool isEmpty() const { return m_model->rowCount() == 0; }
    /// Why what is shown may not be all.
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }

Q_SIGNALS:
    void alertsRead();
    void objectRequested(const tidemark::ui::ObjectRef &object);

private:
    void take(std::vector<AlertRow> rows, const std::optional<Error> &error);

    PageContext m_context;
    AlertModel *m_model;
    std::optional<Error> m_error;
    bool m_selectsNewest = false;
    std::optional<Instant> m_readAt;
    std::optional<Scope> m_readScope;
    Moments m_moments;
    LatestOnly m_reading;
};

} // namespace tidemark::ui
