// One question, its votes in memory, and the set of peers: each is sent the event by its own `peer.send`.
import type { Peer } from 'crossws'

const OPTIONS = ['a', 'b', 'c', 'd']
const QUESTION = 'q'
const WINDOW_MS = 2000

interface Vote { questionId: string, round: number, answer: string, op: string, rev: number }

export const peers = new Set<Peer>()
const votes = new Map<string, Vote>()
let counts: Record<string, number> = {}
let round = 0
let isLocked = true
let timer: ReturnType<typeof setTimeout> | null = null

export function broadcast(event: string, data: unknown) {
  const text = JSON.stringify({ event, data })
  for (const peer of peers) peer.send(text)
}

export function publish(nextRound: number, size: number) {
  round = nextRound
  isLocked = false
  votes.clear()
  counts = Object.fromEntries(OPTIONS.map((option) => [option, 0]))
  const empty = JSON.stringify({ event: 'new-question', data: { id: QUESTION, round, text: '' } })
  broadcast('new-question', { id: QUESTION, round, text: 'x'.repeat(size - empty.length) })
}

export function lock() {
  isLocked = true
  broadcast('lock-status', { questionId: QUESTION, is_locked: true })
}

function sendResults() {
  timer = null
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
  broadcast('results-update', { questionId: QUESTION, round, total, counts })
}

export function cast(participant: string, vote: Vote) {
  const { op, rev, answer } = vote
  if (isLocked || vote.questionId !== QUESTION || vote.round !== round || !OPTIONS.includes(answer)) {
    return { op, status: 'rejected', rev: 0, reason: 'question-locked' }
  }
  const held = votes.get(participant)
  if (!held || held.rev < rev) {
    if (held) counts[held.answer]!--
    counts[answer]!++
    votes.set(participant, vote)
    timer ??= setTimeout(sendResults, WINDOW_MS)
  }
  return { op, status: 'accepted', rev, answer }
}
