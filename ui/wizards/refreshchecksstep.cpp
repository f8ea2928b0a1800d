// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/refreshchecksstep.h"

#include "core/base/printable.h"
#include "ui/models/refreshitemmodel.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/datatable.h"
#include "ui/widgets/delegates.h"

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace tidemark::ui {

RefreshChecksStep::RefreshChecksStep(const PageContext &context, RefreshDraft &draft, QWidget *parent)
    : StepOf(tr("Checks"), draft, parent)
    , m_context(context)
    , m_model(new CheckModel(this))
    , m_table(new DataTable(tr("What was found"), this))
    , m_whole(new QLabel(this))
    , m_accept(new QCheckBox(tr("&Readers may be locked out of what is to be accepted while it is refreshed"), this))
    , m_again(new QPushButton(icon(QStringLiteral("refresh")), tr("&Look again"), this))
{
    m_table->setSource(m_model);
    m_table->setDelegateFor("verdict", new StatusDelegate(m_table));
    m_table->sortByColumnId("verdict", Qt::AscendingOrder);
    m_whole->setWordWrap(true);
    m_whole->setTextFormat(Qt::PlainText);
    m_whole->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_whole->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), 0);
    m_accept->setObjectName(QStringLiteral("accept"));
    auto *row = new QHBoxLayout;
    row->setContentsMargins(spacing(this, 4), spacing(this, 2), spacing(this, 4), spacing(this, 2));
    row->addWidget(m_accept);
    row->addStretch(1);
    row->addWidget(m_again);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_whole);
    layout->addLayout(row);
    connect(m_table, &DataTable::currentRowChanged, this, [this](const QModelIndex &index) {
        m_whole->setText(index.isValid() ? printable(QStringLiteral("%1: %2").arg(m_model->row(index.row()).what,
                                                                                  m_model->row(index.row()).why))
                                         : QString());
    });
    connect(m_again, &QPushButton::clicked, this, &RefreshChecksStep::plan);
    connect(m_accept, &QCheckBox::clicked, this, [this](bool isAccepted) {
        this->draft().spec.acceptsLock = isAccepted;
        plan();
    });
}

void RefreshChecksStep::enter()
{
    m_accept->setVisible(false);
    plan();
}

void RefreshChecksStep::plan()
{
    const auto access = m_context.accessTo ? m_context.accessTo(draft().server) : std::nullopt;
    draft().plan.reset();
    m_isPlanning = access.has_value();
    Q_EMIT completeChanged();
    if (!access) {
        Q_EMIT failed(Error::input(tr("%1 is not connected").arg(draft().server)));
        return;
    }
    m_context.runner->run(
        this, m_planning,
        [info = connInfoOf(*access, draft().database), spec = draft().spec,
         history = m_context.history](const std::stop_token &stop) -> Result<Found> {
            pg::SessionOptions options;
            options.applicationName = QStringLiteral("tidemark planning");
            TIDEMARK_TRY(pg::Session session, pg::Session::open(info, options, stop));
            TIDEMARK_TRY(refresh::RefreshPlan plan, refresh::planRefresh(session, spec, history.get(), stop));
            TIDEMARK_TRY(std::vector<StepWait> waits, refresh::whatRefreshWaitsFor(session, plan, stop));
            return Found{std::move(plan), std::move(waits)};
        },
        [this](const Result<Found> &found) { take(found); });
}

void RefreshChecksStep::take(const Result<Found> &found)
{
    m_isPlanning = false;
    if (!found) {
        m_model->setRows({});
        Q_EMIT failed(found.error());
        Q_EMIT completeChanged();
        return;
    }
    draft().plan = found->plan;
    m_model->setRows(checkRowsOf(found->plan, found->waits));
    m_table->selectFirst();
    const bool wasAccepted = draft().spec.acceptsLock && draft().spec.way == refresh::Way::Automatic;
    m_accept->setVisible(wasAccepted || !found->plan.toBeAccepted().empty());
    m_accept->setChecked(wasAccepted);
    Q_EMIT completeChanged();
}

bool RefreshChecksStep::isComplete() const
{
    return !m_isPlanning && draft().plan && draft().plan->toBeAccepted().empty()
           && draft().plan->obstructed().size() < draft().plan->items.size();
}

QWidget *RefreshChecksStep::mainWidget()
{
    return m_table;
}

void RefreshChecksStep::setFilterText(const QString &text)
{
    m_table->setFilterText(text);
}

} // namespace tidemark::ui
