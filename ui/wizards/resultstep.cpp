// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizards/resultstep.h"

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
#include <QPushButton>
#include <QVBoxLayout>

namespace tidemark::ui {

ResultStep::ResultStep(const PageContext &context, ChangeDraft &draft, QWidget *parent)
    : StepOf(tr("Result"), draft, parent)
    , m_context(context)
    , m_actions(new RunActions(context, this))
    , m_badge(new StatusBadge(this))
    , m_title(new QLabel(this))
    , m_sentence(new QLabel(this))
    , m_left(new QVBoxLayout)
    , m_right(new QVBoxLayout)
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
    m_left->addStretch(1);
    m_right->setSpacing(spacing(this, 4));
    m_right->addStretch(1);
    cards->addLayout(m_left, 1);
    cards->addLayout(m_right, 1);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(spacing(this, 2));
    addButtons(m_actions->ending() << m_actions->report(), buttons, this);
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
    connect(m_actions, &RunActions::reportWritten, this,
            [this](const QString &path) { Q_EMIT told(Severity::Ok, tr("The report is in %1.").arg(path)); });
    connect(m_actions, &RunActions::told, this, [this](const QString &text) { Q_EMIT told(Severity::Ok, text); });
}

void ResultStep::addCard()
{
    auto *card = new CardFrame(this);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(spacing(this, 5), spacing(this, 4), spacing(this, 5), spacing(this, 4));
    layout->setSpacing(spacing(this, 2));
    Card added{new QLabel(card), new QGridLayout};
    added.title->setFont(boldFont(font()));
    layout->addWidget(added.title);
    added.grid->setHorizontalSpacing(spacing(this, 4));
    added.grid->setVerticalSpacing(spacing(this, 1));
    added.grid->setColumnStretch(0, 2);
    added.grid->setColumnStretch(1, 3);
    layout->addLayout(added.grid);
    if (m_cards.isEmpty())
        m_left->insertWidget(0, card, 0, Qt::AlignTop);
    else
        m_right->insertWidget(static_cast<int>(m_cards.size()) - 1, card);
    m_cards << added;
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
    StepOf::hideEvent(event);
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
    const ChangeOutcome outcome = draft().outcomeOf(run);
    m_badge->setStatus(outcome.severity, outcome.state);
    m_title->setText(run.look.record.title);
    m_sentence->setText(outcome.sentence);
    m_text = QStringList{run.look.record.title, outcome.state, outcome.sentence};
    for (qsizetype index = m_cards.size(); index < outcome.cards.size(); ++index)
        addCard();
    for (qsizetype index = 0; index < outcome.cards.size(); ++index) {
        m_cards[index].title->setText(outcome.cards[index].title);
        fill(m_cards[index].grid, outcome.cards[index].facts);
    }
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
