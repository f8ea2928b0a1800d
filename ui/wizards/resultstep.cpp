// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/resultstep.h"

#include "core/base/units.h"
#include "core/stage/stageresult.h"
#include "ui/models/runmodel.h"
#include "ui/models/texts.h"
#include "ui/pages/runactions.h"
#include "ui/services/icons.h"
#include "ui/services/theme.h"
#include "ui/widgets/actionbuttons.h"
#include "ui/widgets/cardframe.h"
#include "ui/widgets/statusbadge.h"

#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace tidemark::ui {

namespace {

using Facts = QList<std::pair<QString, QString>>;

QString counted(const std::optional<qint64> &value)
{
    return value ? units::count(*value, QLocale()) : QString();
}

QString length(const std::optional<Millis> &value)
{
    return value ? units::duration(*value) : QString();
}

Facts proofOf(const stage::StageResult &result)
{
    return {{ResultStep::tr("Rows copied"), counted(result.copiedRows)},
            {ResultStep::tr("Copy took"), length(result.copyTook)},
            {ResultStep::tr("Rows proven equal"), counted(result.provenRows)},
            {ResultStep::tr("Ranges compared"), counted(result.buckets)},
            {ResultStep::tr("Checksum"), result.checksum},
            {ResultStep::tr("Rounds until equal"), counted(result.proofRounds)},
            {ResultStep::tr("Proof took"), length(result.proofTook)},
            {ResultStep::tr("Indexes, grants, triggers …"),
             result.fidelityProven ? ResultStep::tr("all compared with the old table's") : QString()}};
}

Facts swapOf(const stage::StageResult &result, const RunSettings &settings)
{
    return {{ResultStep::tr("Swapped"), result.swappedAt
                                            ? texts::absolute(*result.swappedAt).section(QLatin1Char('\n'), 0, 0)
                                            : ResultStep::tr("not yet")},
            {ResultStep::tr("Nobody waited longer than"), length(result.longestStall())},
            {ResultStep::tr("Stall budget"), length(settings.stallBudget)},
            {ResultStep::tr("Locks were held"), length(result.locksHeld)},
            {ResultStep::tr("Changes applied under them"), counted(result.drained)}};
}

Facts wayBackOf(const stage::StageResult &result, const LiveRun &run)
{
    QString way;
    if (result.isRetired)
        way = ResultStep::tr("The old table is let go: there is no way back.");
    else if (result.canSwapBack(run.look.record))
        way = ResultStep::tr(
            "Until the old table is let go, which waits for your word. It is kept in step with the new one.");
    else if (run.look.record.state == RunState::Undone)
        way = ResultStep::tr("All was taken back.");
    else
        way = ResultStep::tr("Nothing was swapped: Undo removes what was made.");
    Facts facts{{ResultStep::tr("Swap back"), way}};
    if (run.lag && result.swappedAt)
        facts << std::pair(ResultStep::tr("Old table is behind by"),
                           ResultStep::tr("%n changed key(s)", nullptr, static_cast<int>(run.lag->pending)));
    return facts;
}

} // namespace

ResultStep::ResultStep(const PageContext &context, StageDraft &draft, QWidget *parent)
    : WizardStep(tr("Result"), draft, parent)
    , m_context(context)
    , m_actions(new RunActions(context, this))
    , m_badge(new StatusBadge(this))
    , m_title(new QLabel(this))
    , m_sentence(new QLabel(this))
    , m_copy(new QPushButton(icon(QStringLiteral("copy")), tr("&Copy result"), this))
{
    m_title->setFont(titleFont(font()));
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::PlainText);
    auto *head = new QHBoxLayout;
    head->setSpacing(spacing(this, 3));
    head->addWidget(m_badge);
    head->addWidget(m_title, 1);
    auto *cards = new QHBoxLayout;
    cards->setSpacing(spacing(this, 4));
    cards->addWidget(addCard(tr("Proof"), m_proof), 1, Qt::AlignTop);
    auto *right = new QVBoxLayout;
    right->setSpacing(spacing(this, 4));
    right->addWidget(addCard(tr("Swap"), m_swap));
    right->addWidget(addCard(tr("Way back"), m_back));
    right->addStretch(1);
    cards->addLayout(right, 1);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing(this, 2));
    addButtons(m_actions->ending(), buttons, this);
    buttons->addWidget(m_copy);
    buttons->addStretch(1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing(this, 6), spacing(this, 5), spacing(this, 6), spacing(this, 5));
    layout->setSpacing(spacing(this, 4));
    layout->addLayout(head);
    layout->addWidget(m_sentence);
    layout->addLayout(cards);
    layout->addLayout(buttons);
    layout->addStretch(1);
    connect(m_copy, &QPushButton::clicked, this, [this]() {
        QGuiApplication::clipboard()->setText(text());
        Q_EMIT told(Severity::Ok, tr("The result is on the clipboard."));
    });
    connect(m_actions, &RunActions::failed, this, &WizardStep::failed);
    connect(m_actions, &RunActions::told, this, [this](const QString &text) { Q_EMIT told(Severity::Ok, text); });
}

CardFrame *ResultStep::addCard(const QString &title, QGridLayout *&grid)
{
    auto *card = new CardFrame(this);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(spacing(this, 5), spacing(this, 4), spacing(this, 5), spacing(this, 4));
    layout->setSpacing(spacing(this, 2));
    auto *heading = new QLabel(title, card);
    heading->setFont(boldFont(font()));
    layout->addWidget(heading);
    grid = new QGridLayout;
    grid->setHorizontalSpacing(spacing(this, 4));
    grid->setVerticalSpacing(spacing(this, 1));
    grid->setColumnStretch(0, 2);
    grid->setColumnStretch(1, 3);
    layout->addLayout(grid);
    return card;
}

void ResultStep::fill(QGridLayout *grid, const QList<std::pair<QString, QString>> &facts)
{
    int row = 0;
    for (const auto &[label, value] : facts) {
        if (value.isEmpty())
            continue; // not measured, or not of this strategy
        if (grid->itemAtPosition(row, 0) == nullptr) {
            auto *name = new QLabel(this);
            name->setForegroundRole(QPalette::PlaceholderText);
            name->setWordWrap(true);
            auto *text = new QLabel(this);
            text->setFont(tabularFont(font()));
            text->setWordWrap(true);
            text->setTextFormat(Qt::PlainText);
            text->setTextInteractionFlags(Qt::TextSelectableByMouse);
            grid->addWidget(name, row, 0, Qt::AlignTop);
            grid->addWidget(text, row, 1, Qt::AlignTop);
        }
        qobject_cast<QLabel *>(grid->itemAtPosition(row, 0)->widget())->setText(label);
        qobject_cast<QLabel *>(grid->itemAtPosition(row, 1)->widget())->setText(value);
        for (const int column : {0, 1})
            grid->itemAtPosition(row, column)->widget()->show();
        m_text << label + QStringLiteral(": ") + value;
        ++row;
    }
    for (; grid->itemAtPosition(row, 0) != nullptr; ++row) {
        for (const int column : {0, 1})
            grid->itemAtPosition(row, column)->widget()->hide();
    }
}

void ResultStep::enter()
{
    const auto access = draft().run ? m_context.accessTo(draft().run->server) : std::nullopt;
    if (!access)
        return;
    followRun(*m_context.runner, this, m_following, *access, draft().run->database, draft().run->id,
              [this](const Result<LiveRun> &live) { take(live); });
}

void ResultStep::hideEvent(QHideEvent *event)
{
    WizardStep::hideEvent(event);
    m_following.cancel();
}

void ResultStep::take(const Result<LiveRun> &live)
{
    if (!live) {
        Q_EMIT failed(live.error());
        return;
    }
    m_actions->setRun(*draft().run, *live);
    show(*live);
}

void ResultStep::show(const LiveRun &run)
{
    const RunRecord &record = run.look.record;
    const stage::StageResult result = stage::stageResultOf(run.look);
    m_badge->setStatus(result.swappedAt && record.state != RunState::Failed && record.state != RunState::Undone
                           ? Severity::Ok
                           : severityOf(record),
                       result.swappedAt && record.waitsForWord() ? tr("Swapped") : runStateText(record));
    m_title->setText(record.title);
    const QString sentence =
        record.state == RunState::Failed      ? record.error
        : result.isRetired && record.isOver() ? tr("Done: the new table has taken the old one's place for good.")
        : result.swappedAt && record.state != RunState::Undone
            ? tr("The new table answers under the old name. Look at what the application says before you "
                 "let the old one go.")
        : record.state == RunState::Undone ? tr("Taken back: the table is what it was.")
                                           : tr("The swap is yet to come.");
    m_sentence->setText(sentence);
    m_text = QStringList{record.title, runStateText(record), sentence};
    fill(m_proof, proofOf(result));
    fill(m_swap, swapOf(result, run.look.settings));
    fill(m_back, wayBackOf(result, run));
}

QWidget *ResultStep::mainWidget()
{
    return m_copy;
}

QString ResultStep::text() const
{
    return m_text.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace tidemark::ui
